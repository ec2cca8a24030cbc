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
    requests: new Counter({
      name: 'edge_requests_total',
      help: 'Requests answered, by what was asked and the status class',
      labelNames: ['kind', 'status'],
      registers,
    }),
    sentBytes: new Counter({ name: 'edge_body_bytes_total', help: 'Body bytes given to viewers', registers }),
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
