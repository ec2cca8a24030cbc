import { Counter, Gauge, type Registry } from 'prom-client'

/** The edge's own metrics; the HPA scales on CPU, these tell why. */
export function edgeMetrics(
  registry: Registry,
  current: {
    held: () => number
    connections: () => number
    cacheBytes: () => number
    viewers: () => number
    routes: () => number
  },
) {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  return {
    held: gauge('edge_held_requests', 'Requests waiting for what is not there yet', current.held),
    connections: gauge('edge_connections', 'Client connections', current.connections),
    cacheBytes: gauge('edge_cache_bytes', 'Bytes kept for viewers', current.cacheBytes),
    viewers: gauge('edge_viewers', 'Viewers this process saw in the last seconds', current.viewers),
    routes: gauge('edge_routes', 'Broadcasts with a Pod', current.routes),
    answered: countAnswers(registers),
    upstream: new Counter({
      name: 'edge_upstream_requests_total',
      help: 'Requests to stream Pods, by what was asked and the status (0: no answer)',
      labelNames: ['kind', 'status'],
      registers,
    }),
    shed: new Counter({
      name: 'edge_shed_total',
      help: 'Requests refused to protect the others',
      labelNames: ['reason'],
      registers,
    }),
  }
}

export type EdgeMetrics = ReturnType<typeof edgeMetrics>

/** Counts answers in plain numbers and hands them over when metrics are read: labels cost more than the answer. */
function countAnswers(registers: Registry[]) {
  const counts = new Map<string, number[]>() // by kind: answers by status class
  let bytes = 0
  const requests = new Counter({
    name: 'edge_requests_total',
    help: 'Requests answered, by what was asked and the status class',
    labelNames: ['kind', 'status'],
    registers,
    collect() {
      for (const [kind, classes] of counts) {
        for (const [hundreds, count] of classes.entries())
          if (count > 0) this.inc({ kind, status: `${hundreds}xx` }, count)
        classes.fill(0)
      }
    },
  })
  const sent = new Counter({
    name: 'edge_sent_bytes_total',
    help: 'Bytes given to viewers, heads included',
    registers,
    collect() {
      this.inc(bytes)
      bytes = 0
    },
  })
  const answered = (kind: string, status: number, length: number): void => {
    let classes = counts.get(kind)
    if (classes === undefined) counts.set(kind, (classes = [0, 0, 0, 0, 0, 0]))
    const hundreds = Math.floor(status / 100)
    classes[hundreds] = (classes[hundreds] ?? 0) + 1
    bytes += length
  }
  return Object.assign(answered, { requests, sent })
}
