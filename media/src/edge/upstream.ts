/** Asks stream Pods, over kept-alive connections, and reads whole answers, as many bytes at once as a budget has. */
import { Agent, type Dispatcher } from 'undici'
import { Answer, headRoomBytes } from './answer.ts'
import { type PlaceGroup, mostAskedPerBroadcast, placeGroupOf } from './asked-places.ts'
import { ByteBudget, type Claim } from './byte-budget.ts'
import type { EdgeRequest } from './edge-request.ts'

const maxBodyBytes = 32 * 1024 * 1024
const usualBudgetBytes = 4 * maxBodyBytes
const connectTimeoutMs = 1_000
const headersTimeoutMs = 30_000 // a held request takes three target durations at most
const bodyTimeoutMs = 5_000
const unknownBodyBytes = 64 * 1024

/** One Pod's address. */
export interface Origin {
  readonly host: string
  readonly port: number
}

export class Upstream {
  readonly #budget: ByteBudget
  /** Each kind has connections of its own, as many as may ask at once: nothing waits behind held playlists. */
  readonly #agents: Readonly<Record<PlaceGroup, Agent>> = {
    playlists: agentOf(mostAskedPerBroadcast.playlists),
    media: agentOf(mostAskedPerBroadcast.media),
    others: agentOf(mostAskedPerBroadcast.others),
  }

  /** @param budget what all bodies that are being read may take together. */
  constructor(budget = new ByteBudget({ maxBytes: usualBudgetBytes })) {
    this.#budget = budget
  }

  /**
   * @param signal gives the request up.
   * @throws the connection's error, or the signal's reason; RangeError for a body beyond all bounds.
   */
  fetch({ host, port }: Origin, { path, query, kind }: EdgeRequest, signal: AbortSignal): Promise<Answer> {
    const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
    const agent = this.#agents[placeGroupOf(kind)]
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const reader = new AnswerReader({ resolve, reject, signal, budget: this.#budget })
    agent.dispatch({ origin, path: path + query, method: 'GET' }, reader)
    return promise
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#agents).map((agent) => agent.destroy()))
  }
}

const agentOf = (connections: number) =>
  new Agent({
    connect: { timeout: connectTimeoutMs },
    connections,
    pipelining: 1,
    headersTimeout: headersTimeoutMs,
    bodyTimeout: bodyTimeoutMs,
    keepAliveTimeout: 30_000,
  })

/** A copy that has no memory but its own. */
function exactly(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

interface AnswerReaderOptions {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
  readonly signal: AbortSignal
  readonly budget: ByteBudget
}

/** Gathers one response where it will stay, with room for the head that viewers get: a part is copied once. */
class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: unknown) => void
  readonly #signal: AbortSignal
  readonly #budget: ByteBudget
  #claim: Claim | undefined
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #headers: Record<string, string | string[] | undefined> = {}
  #whole = Buffer.alloc(0)
  #end = headRoomBytes
  #isOver = false

  constructor({ resolve, reject, signal, budget }: AnswerReaderOptions) {
    this.#budget = budget
    this.#resolve = resolve
    this.#reject = reject
    this.#signal = signal
    signal.addEventListener('abort', this.#giveUp, { once: true })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#signal.aborted) this.#giveUp()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = statusCode
    this.#headers = headers
    const announced = Number(this.#header('content-length') || unknownBodyBytes) // an empty body has its length, too
    this.#claimRoom(controller, Math.min(announced, maxBodyBytes))
  }

  /** Takes the body's room, and reads nothing of it before there is some: what is not read stays with the Pod. */
  #claimRoom(controller: Dispatcher.DispatchController, bytes: number): void {
    let waits: boolean | undefined
    this.#claim = this.#budget.claim(bytes, () => {
      this.#whole = Buffer.allocUnsafeSlow(headRoomBytes + bytes)
      if (waits === true) controller.resume()
      waits = false
    })
    if (waits === false) return
    waits = true
    controller.pause()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const end = this.#end + chunk.length
    if (end - headRoomBytes > maxBodyBytes)
      return controller.abort(new RangeError(`the body is larger than ${maxBodyBytes} bytes`))
    if (end > this.#whole.length) this.#grow(2 * end)
    chunk.copy(this.#whole, this.#end)
    this.#end = end
  }

  onResponseEnd(): void {
    this.#close()
    const whole = this.#whole.length === this.#end ? this.#whole : exactly(this.#whole.subarray(0, this.#end))
    const retryAfter = Number.parseInt(this.#header('retry-after'), 10)
    this.#resolve(
      new Answer({
        status: this.#status,
        contentType: this.#header('content-type') || 'application/octet-stream',
        cacheControl: this.#header('cache-control') || 'no-store',
        body: whole.subarray(headRoomBytes),
        whole,
        storedAt: performance.now(),
        date: new Date(),
        retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
      }),
    )
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#close()
    this.#reject(error)
  }

  /** Whoever waits is told at once: a request that has no connection yet hears of nothing until it has one. */
  readonly #giveUp = (): void => {
    this.#reject(this.#signal.reason)
    if (!this.#isOver) this.#controller?.abort(new Error('given up'))
  }

  #close(): void {
    this.#isOver = true
    this.#claim?.release()
    this.#signal.removeEventListener('abort', this.#giveUp)
  }

  #header(name: string): string {
    return String(this.#headers[name] ?? '')
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(bytes)
    this.#whole.copy(larger, 0, 0, this.#end)
    this.#whole = larger
  }
}
