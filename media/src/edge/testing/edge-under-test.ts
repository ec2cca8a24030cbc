/** An edge in front of a Pod that the test plays itself. */
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { Broadcast, BroadcastStatus } from '@mytaek1/contracts/broadcast-resource.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { AnswerCache } from '../answer-cache.ts'
import { ClientAddresses } from '../client-address.ts'
import { Coalescer } from '../coalescer.ts'
import { EdgeServer } from '../edge-server.ts'
import { edgeMetrics } from '../metrics.ts'
import { Recordings, type RecordingsOptions } from '../recordings.ts'
import { RouteTable } from '../route-table.ts'
import { Upstream } from '../upstream.ts'
import { Viewers } from '../viewers.ts'

const silent = createLogger({ service: 'test' }, { write: () => {} })
const zero = () => 0

export const playlistType = 'application/vnd.apple.mpegurl'

/** Answers as a Pod does. */
export const answerWith = (response: ServerResponse, body: string, cacheControl: string, type = playlistType) =>
  response.writeHead(200, { 'content-type': type, 'cache-control': cacheControl }).end(body)

/** A Broadcast named `name` with this status. */
export function broadcastOf(name: string, status: BroadcastStatus, state: 'Open' | 'Ended' = 'Open'): Broadcast {
  return {
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: '1' },
    spec: {
      title: 't',
      seller: 's',
      streamKey: {},
      state,
      latency: 'Low',
      dvrWindow: '10m',
      reconnectWindow: '60s',
      recording: false,
    },
    status,
  }
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Starts an edge and a Pod answered by `pod`; both end with the test. `holdMs` may be another one for later requests. */
export async function edgeUnderTest(
  t: TestContext,
  pod: (request: IncomingMessage, response: ServerResponse) => void,
  options: {
    holdMs?: number
    maxHeld?: number
    overloaded?: () => boolean
    trustedProxies?: readonly string[]
    store?: RecordingsOptions['store']
  } = {},
) {
  const podServer = createServer(pod)
  const podPort = await listening(t, podServer)
  const routes = new RouteTable()
  const upstream = new Upstream()
  t.after(() => upstream.close())
  const cache = new AnswerCache({ maxBytes: 10_000_000 })
  const viewers = new Viewers()
  const current = { held: zero, connections: zero, cacheBytes: zero, backlogBytes: zero, viewers: zero, routes: zero }
  const registry = createRegistry('test')
  const metrics = edgeMetrics(registry, current)
  const recordings = new Recordings({
    store: options.store,
    isOver: (broadcast) => routes.isOver(broadcast),
    log: silent,
  })
  const coalescer = new Coalescer({
    routes,
    cache,
    recordings: {
      answer: (edgeRequest) => recordings.answer(edgeRequest),
      cache: new AnswerCache({ maxBytes: 10_000_000 }),
    },
    fetch: (origin, edgeRequest, signal) => upstream.fetch(origin, edgeRequest, signal),
    streamPort: podPort,
    get holdMs() {
      return options.holdMs ?? 20_000
    },
    log: silent,
    metrics,
  })
  t.after(() => coalescer.close())
  const edge = new EdgeServer({
    port: 0,
    host: '127.0.0.1',
    coalescer,
    viewers,
    addresses: new ClientAddresses(options.trustedProxies),
    cookieSecret: 'a secret of sixteen or more',
    maxConnections: 1_000,
    maxHeld: options.maxHeld ?? 1_000,
    overloaded: options.overloaded ?? (() => false),
    maxBacklogBytes: 64 * 1024 * 1024,
    metrics,
  })
  await edge.listen()
  const { port } = edge
  t.after(() => edge.close(0))
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<HttpAnswer> => {
    const outgoing = request({ port, host: '127.0.0.1', path, headers, method, agent: false }).end()
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
    return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }
  }
  return { routes, viewers, edge, ask, port, registry, live: { podIP: '127.0.0.1', podUID: 'pod-1', podName: 'pod-1' } }
}

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
