/** `node media/src/main.ts edge`: the Pods behind the ingress's `/hls`. */
import { once } from 'node:events'
import { Readiness, startAdminServer } from '@mytaek1/platform/health.ts'
import { s3Of } from '@mytaek1/platform/env.ts'
import { connectKubernetes } from '@mytaek1/platform/kubernetes/api.ts'
import { startReflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { connectObjectStore } from '@mytaek1/platform/object-store.ts'
import { closeRedis, connectRedis } from '@mytaek1/platform/redis.ts'
import { Shutdown } from '@mytaek1/platform/shutdown.ts'
import { AnswerCache } from './answer-cache.ts'
import { ByteBudget } from './byte-budget.ts'
import { ClientAddresses } from './client-address.ts'
import { Coalescer } from './coalescer.ts'
import { readConfig } from './config.ts'
import { listenToDoors } from './door-log.ts'
import { EdgeServer } from './edge-server.ts'
import { LoadGauge } from './load-gauge.ts'
import { edgeMetrics } from './metrics.ts'
import { Recordings } from './recordings.ts'
import { RouteTable } from './route-table.ts'
import { Upstream } from './upstream.ts'
import { type Present, ViewerReport } from './viewer-report.ts'
import { Viewers } from './viewers.ts'

const reportEveryMs = 2_000
const drainMarginMs = 10_000

/** Starts the edge; it runs until SIGTERM. */
export async function runEdge(): Promise<void> {
  const config = readConfig()
  const log = createLogger({ service: 'edge', level: config.LOG_LEVEL })
  const shutdown = new Shutdown({ log, deadlineMs: config.EDGE_DRAIN_SECONDS * 1_000 + drainMarginMs })
  shutdown.listen()
  const registry = createRegistry('edge')
  const readiness = new Readiness()
  const admin = await startAdminServer({ port: config.ADMIN_PORT, registry, readiness })
  shutdown.onStop('admin', () => admin.close())

  const redis = connectRedis(config.REDIS_URLS, log)
  shutdown.onStop('redis', () => closeRedis(redis))
  const api = await connectKubernetes({ kubeconfig: config.KUBECONFIG, userAgent: 'mytaek1-edge' })
  shutdown.onStop('kubernetes', () => api.close())
  const routes = new RouteTable()
  const reflector = startReflector({
    api,
    resource: broadcasts,
    namespace: config.NAMESPACE ?? api.namespace,
    onChange: (broadcast) => routes.upsert(broadcast),
    onDelete: ({ metadata }) => routes.remove(metadata.name),
    log,
  })
  shutdown.onStop('watch', () => reflector.stop())
  let synced = false
  readiness.add('broadcasts', () => synced)

  const addresses = new ClientAddresses(config.EDGE_TRUSTED_PROXIES?.split(',').map((block) => block.trim()))
  const fetching = new ByteBudget({ maxBytes: config.EDGE_FETCH_BYTES })
  const upstream = new Upstream(fetching)
  shutdown.onStop('upstream', () => upstream.close())
  const load = new LoadGauge()
  shutdown.onStop('load', () => load.stop())
  const cache = new AnswerCache({ maxBytes: config.EDGE_CACHE_BYTES })
  const s3 = s3Of(config)
  const store = s3 && connectObjectStore(s3)
  shutdown.onStop('store', () => store?.close())
  const recordingCache = new AnswerCache({ maxBytes: config.EDGE_RECORDING_CACHE_BYTES })
  const recordingBudget = new ByteBudget({ maxBytes: config.EDGE_RECORDING_FETCH_BYTES })
  const isOver = (broadcast: string) => routes.isOver(broadcast)
  const recordings = new Recordings({ store, isOver, budget: recordingBudget, log })
  const holdMs = config.EDGE_HOLD_SECONDS * 1_000
  const mostPerBlock = config.EDGE_VIEWERS_PER_BLOCK
  const viewers = new Viewers({ mostPerBlock })
  let present: Present = new Map()
  const current: { edge?: EdgeServer } = {}
  const metrics = edgeMetrics(registry, {
    held: () => current.edge?.held ?? 0,
    connections: () => current.edge?.connections ?? 0,
    cacheBytes: () => cache.bytes + recordingCache.bytes,
    backlogBytes: () => current.edge?.backlogBytes ?? 0,
    fetchBytes: () => fetching.bytes + recordingBudget.bytes,
    viewers: () => [...present.values()].reduce((sum, ids) => sum + ids.length, 0),
    routes: () => routes.live,
  })
  const coalescer = new Coalescer({
    routes,
    cache,
    recordings: { answer: (request) => recordings.answer(request), cache: recordingCache },
    fetch: (origin, request, signal) => upstream.fetch(origin, request, signal),
    streamPort: config.STREAM_HTTP_PORT,
    holdMs,
    log,
    metrics,
  })
  const edge = new EdgeServer({
    port: config.PORT,
    coalescer,
    viewers,
    addresses,
    cookieSecret: config.VIEWER_COOKIE_SECRET ?? config.SERVICE_TOKEN,
    maxConnections: config.EDGE_MAX_CONNECTIONS,
    maxHeld: config.EDGE_MAX_HELD,
    maxBacklogBytes: config.EDGE_BACKLOG_BYTES,
    overloaded: load.overloaded,
    metrics,
  })
  current.edge = edge
  await reflector.synced
  synced = true
  await edge.listen()
  const doors =
    config.EDGE_DOOR_LOG_PORT > 0 &&
    (await listenToDoors({ port: config.EDGE_DOOR_LOG_PORT, onLine: (line) => edge.countElsewhere(line) }))
  if (doors) shutdown.onStop('doors', () => doors.close())
  shutdown.onStop('http', async () => {
    readiness.drain()
    coalescer.close()
    await edge.close(config.EDGE_DRAIN_SECONDS * 1_000)
  })

  // Each Redis master holds the whole count, so that any of them can tell it.
  const reports = redis.map((master) => new ViewerReport(master, { mostPerBlock }))
  const reporting = setInterval(() => {
    present = viewers.sweep(performance.now())
    const crowds = viewers.crowds()
    for (const report of reports)
      report.send(present, Date.now(), crowds).catch((error: unknown) => log.warn('edge.report_failed', { error }))
  }, reportEveryMs)
  shutdown.onStop('report', () => clearInterval(reporting))
  log.info('edge.listening', { port: config.PORT })
  await once(shutdown.signal, 'abort')
}
