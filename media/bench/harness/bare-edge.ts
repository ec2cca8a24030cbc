/** Everything of `media edge` but the watch and Redis: one Broadcast, whose status names its Pod. */
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { AnswerCache } from '../../src/edge/answer-cache.ts'
import { Coalescer } from '../../src/edge/coalescer.ts'
import { EdgeServer } from '../../src/edge/edge-server.ts'
import type { listenHttp } from '../../src/edge/http/listener.ts'
import { edgeMetrics } from '../../src/edge/metrics.ts'
import { RouteTable } from '../../src/edge/route-table.ts'
import { Upstream } from '../../src/edge/upstream.ts'
import { Viewers } from '../../src/edge/viewers.ts'

const mebibyte = 1024 * 1024
const sweepMs = 2_000

/** Listens on `port` (0: any free one) with room for more viewers than any bench has; it goes on until the process ends. */
export async function startBareEdge(options: {
  port: number
  broadcast: Broadcast
  podPort: number
  log: Logger
  listen?: typeof listenHttp
}): Promise<EdgeServer> {
  const { port, broadcast, podPort, log, listen } = options
  const routes = new RouteTable()
  routes.upsert(broadcast)
  const zero = () => 0
  const metrics = edgeMetrics(createRegistry('edge'), {
    held: zero,
    connections: zero,
    cacheBytes: zero,
    backlogBytes: zero,
    viewers: zero,
    routes: zero,
  })
  const upstream = new Upstream()
  const coalescer = new Coalescer({
    routes,
    cache: new AnswerCache({ maxBytes: 256 * mebibyte }),
    fetch: (origin, request, signal) => upstream.fetch(origin, request, signal),
    streamPort: podPort,
    holdMs: 10_000,
    log,
    metrics,
  })
  const viewers = new Viewers()
  setInterval(() => viewers.sweep(performance.now()), sweepMs)
  const edge = new EdgeServer({
    port,
    coalescer,
    viewers,
    cookieSecret: 'the benches have no secret to keep',
    maxConnections: 30_000,
    maxHeld: 30_000,
    maxBacklogBytes: 128 * mebibyte,
    overloaded: () => false,
    metrics,
    ...(listen && { listen }),
  })
  await edge.listen()
  return edge
}
