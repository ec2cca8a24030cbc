/**
 * The load of `show.ts`, in a process of its own so that it takes no time of what it measures: viewers on both processes, and
 * chat, hearts and orders at a steady pace from as many accounts as the limits of one ask for. Told by its parent what to do,
 * it answers what came of it.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { appendEvent } from '../src/live/live-log.ts'
import { AnswerReader, postRequest } from './race-client.ts'
import { Heard, watch } from './show-viewers.ts'

const tickMs = 10
const connections = 32 // to each process, as an ingress keeps them
const openedAtOnce = 50
const settleMs = 2_000
const referenceSeconds = 10

/** What the parent asks for. */
export interface ShowLoad {
  ports: readonly number[]
  redisUrl: string
  showId: string
  productId: string
  units: number
  viewers: number
  seconds: number
  perSecond: { chat: number; hearts: number; orders: number }
  /** Of speakers, who send hearts too, and of buyers. */
  tokens: { speakers: readonly string[]; buyers: readonly string[] }
}

/** What came of it; milliseconds. */
export interface ShowResult {
  chat: Figures
  stock: Figures
  /** The same messages put into the log by the load itself: no request, no judging. */
  reference: Figures
  answers: Figures
  refused: Record<string, number>
  undelivered: number
  ended: number // streams that the service ended
  megabytesPerSecond: number
}
export type Figures = { count: number; p50: number; p99: number; max: number }

process.once('message', (load: ShowLoad) => {
  run(load).then(
    (result) => process.send?.(result, () => process.disconnect()),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})

async function run(load: ShowLoad): Promise<ShowResult> {
  const base = '/api/commerce/v1'
  const awaited = { chat: [] as number[], stock: [] as number[], productId: load.productId, units: load.units }
  let heard = new Heard()
  let ended = 0
  const sockets: Socket[] = []
  while (sockets.length < load.viewers) {
    const batch = Array.from({ length: Math.min(openedAtOnce, load.viewers - sockets.length) }, async (_, n) =>
      watch({
        port: load.ports[n % load.ports.length] ?? 0,
        path: `${base}/broadcasts/${load.showId}/events`,
        awaited,
        heard: () => heard,
        ended: () => (ended += 1),
      }),
    )
    sockets.push(...(await Promise.all(batch)))
  }
  process.send?.('watching')
  const callers = await openCallers(load.ports)
  const { speakers, buyers } = load.tokens
  const refused: Record<string, number> = {}
  const answers = new Heard().chat
  const call = async (request: Buffer, expected: number, sent: () => void) => {
    const caller = await callers.take()
    const sentAt = performance.now()
    sent()
    const { status, body } = await caller.call(request)
    callers.giveBack(caller)
    answers.add(performance.now() - sentAt)
    if (status === expected) return
    const code = /"code":"(\w+)"/.exec(body)?.[1] ?? String(status)
    refused[code] = (refused[code] ?? 0) + 1
  }
  const request = (path: string, token: string | undefined, body: object, headers = {}) =>
    postRequest(`${base}${path}`, { Authorization: `Bearer ${token}`, ...headers }, JSON.stringify(body))
  const pending = new Set<Promise<void>>()
  const startedAt = performance.now()
  const bytesBefore = heard.bytes
  await paced(load.seconds, load.perSecond, (kind, n) => {
    const token = kind === 'orders' ? buyers[n % buyers.length] : speakers[n % speakers.length]
    const show = `/broadcasts/${load.showId}`
    const deed =
      kind === 'chat'
        ? call(request(`${show}/chat`, token, { text: saying(n) }), 202, () => (awaited.chat[n] = performance.now()))
        : kind === 'hearts'
          ? call(request(`${show}/hearts`, token, { hearts: 1 }), 202, () => undefined)
          : call(
              request(
                '/orders',
                token,
                { productId: load.productId, quantity: 1, broadcastId: load.showId },
                { 'Idempotency-Key': `show-${n}` },
              ),
              201,
              () => awaited.stock.push(performance.now()),
            )
    pending.add(deed)
    void deed.finally(() => pending.delete(deed))
  })
  await Promise.all(pending)
  await delay(settleMs) // the last events' way
  const seconds = (performance.now() - startedAt) / 1_000
  const measured = heard
  const said = awaited.chat.length
  heard = new Heard()
  const redis = new Redis(load.redisUrl)
  await paced(
    Math.min(referenceSeconds, load.seconds),
    { chat: load.perSecond.chat, hearts: 0, orders: 0 },
    (_kind, n) => {
      awaited.chat[said + n] = performance.now()
      const data = {
        id: '',
        displayName: 'Reference',
        text: saying(said + n),
        at: new Date().toISOString(),
        author: { id: 'acc_1', role: 'viewer' as const },
      }
      void appendEvent(redis, load.showId, { type: 'chat', data })
    },
  )
  await delay(settleMs)
  redis.disconnect()
  for (const socket of sockets) socket.destroy()
  callers.close()
  const expected = (said + awaited.stock.length) * load.viewers
  return {
    chat: figuresOf(measured.chat),
    stock: figuresOf(measured.stock),
    reference: figuresOf(heard.chat),
    answers: figuresOf(answers),
    refused,
    undelivered: expected - measured.chat.count - measured.stock.count,
    ended: ended,
    megabytesPerSecond: (measured.bytes - bytesBefore) / seconds / 1e6,
  }
}

/** As long as people's messages are, with its number, by which viewers know it. */
const saying = (n: number) => `said ${n} 이 감귤 정말 맛있어 보여요, 오늘 주문하면 언제 오나요?`

/** Does `perSecond` of each kind, spread evenly, for so long; never waits for what was begun. */
async function paced(
  seconds: number,
  perSecond: ShowLoad['perSecond'],
  begin: (kind: keyof ShowLoad['perSecond'], n: number) => void,
): Promise<void> {
  const startedAt = performance.now()
  const begun = { chat: 0, hearts: 0, orders: 0 }
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - startedAt) / 1_000) {
    for (const kind of ['chat', 'hearts', 'orders'] as const) {
      const due = Math.floor(Math.min(elapsed, seconds) * perSecond[kind])
      for (; begun[kind] < due; begun[kind] += 1) begin(kind, begun[kind])
    }
    await delay(tickMs)
  }
}

interface Caller {
  call(request: Buffer): Promise<{ status: number; body: string }>
}

/** Connections to the processes in turn; a call waits for a free one. */
async function openCallers(ports: readonly number[]) {
  const sockets: Socket[] = []
  const free: Caller[] = []
  const waiting: ((caller: Caller) => void)[] = []
  for (let n = 0; n < connections * ports.length; n += 1) {
    const socket = connect(ports[n % ports.length] ?? 0, '127.0.0.1')
    socket.setNoDelay(true)
    await once(socket, 'connect')
    sockets.push(socket)
    const reader = new AnswerReader(socket)
    free.push({
      call: (request) => {
        socket.write(request)
        return reader.next()
      },
    })
  }
  return {
    take: async () => free.shift() ?? (await new Promise<Caller>((resolve) => waiting.push(resolve))),
    giveBack: (caller: Caller) => {
      const next = waiting.shift()
      if (next) next(caller)
      else free.push(caller)
    },
    close: () => sockets.forEach((socket) => socket.destroy()),
  }
}

const figuresOf = (delays: Heard['chat']): Figures => ({
  count: delays.count,
  p50: delays.quantile(0.5),
  p99: delays.quantile(0.99),
  max: delays.quantile(1),
})
