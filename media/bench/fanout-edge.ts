/** The edge process of the fan-out bench: everything of `media edge` but the watch and Redis. Arguments: port, Pod's port. */
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { AnswerCache } from '../src/edge/answer-cache.ts'
import { Coalescer } from '../src/edge/coalescer.ts'
import { EdgeServer } from '../src/edge/edge-server.ts'
import { edgeMetrics } from '../src/edge/metrics.ts'
import { RouteTable } from '../src/edge/route-table.ts'
import { Upstream } from '../src/edge/upstream.ts'
import { Viewers } from '../src/edge/viewers.ts'

const [port = 0, podPort = 0] = process.argv.slice(2).map(Number)
const log = createLogger({ service: 'bench', level: 'warn' })
const zero = () => 0
const metrics = edgeMetrics(createRegistry('bench'), {
  held: zero,
  connections: zero,
  cacheBytes: zero,
  backlogBytes: zero,
  viewers: zero,
  routes: zero,
})
const routes = new RouteTable()
routes.upsert({
  apiVersion: 'live.mytaek1.dev/v1alpha1',
  kind: 'Broadcast',
  metadata: { name: 'b-bench', namespace: 'bench', uid: 'bench', resourceVersion: '1' },
  spec: {
    title: '',
    seller: '',
    streamKey: {},
    state: 'Open',
    latency: 'Low',
    dvrWindow: '10m',
    reconnectWindow: '60s',
    recording: false,
  },
  status: { podIP: '127.0.0.1', podUID: 'bench', podName: 'bench' },
})
const upstream = new Upstream()
const coalescer = new Coalescer({
  routes,
  cache: new AnswerCache({ maxBytes: 256 * 1024 * 1024 }),
  fetch: (origin, request, signal) => upstream.fetch(origin, request, signal),
  streamPort: podPort,
  holdMs: 10_000,
  log,
  metrics,
})
const viewers = new Viewers()
setInterval(() => viewers.sweep(performance.now()), 2_000)
const edge = new EdgeServer({
  port,
  host: '127.0.0.1',
  coalescer,
  viewers,
  cookieSecret: 'a secret of the bench',
  maxConnections: 30_000,
  maxHeld: 30_000,
  maxBacklogBytes: 128 * 1024 * 1024,
  overloaded: () => false,
  metrics,
})
await edge.listen()
