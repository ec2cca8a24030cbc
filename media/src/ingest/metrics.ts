import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The gateway's own metrics; the HPA scales on `ingest_publishers`. */
export function ingestMetrics(registry: Registry, current: { publishers(): number; sessions(): number }) {
  const registers = [registry]
  const publishers = new Gauge({
    name: 'ingest_publishers',
    help: 'Encoders publishing through this process now',
    registers,
    collect() {
      this.set(current.publishers())
    },
  })
  const connections = new Gauge({
    name: 'ingest_connections',
    help: 'RTMP connections now, publishing or not',
    registers,
    collect() {
      this.set(current.sessions())
    },
  })
  return {
    publishers,
    connections,
    accepted: new Counter({ name: 'ingest_accepted_total', help: 'Encoders that may publish', registers }),
    refused: new Counter({
      name: 'ingest_refused_total',
      help: 'Encoders refused before Publish.Start',
      labelNames: ['reason'],
      registers,
    }),
    ended: new Counter({
      name: 'ingest_sessions_ended_total',
      help: 'Connections that ended, by the code they ended with',
      labelNames: ['code'],
      registers,
    }),
    takeovers: new Counter({
      name: 'ingest_takeovers_total',
      help: 'Sessions ended by a newer one of the same key',
      registers,
    }),
    bytes: new Counter({ name: 'ingest_media_bytes_total', help: 'Media taken from encoders', registers }),
    attached: new Histogram({
      name: 'ingest_attach_seconds',
      help: 'Seconds without a stream Pod, from the loss of one, or from Publish.Start, to the next',
      buckets: [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32],
      registers,
    }),
  }
}

export type IngestMetrics = ReturnType<typeof ingestMetrics>
