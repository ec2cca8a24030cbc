/** Asks stream Pods, over kept-alive connections, and reads whole answers. */
import { Agent, type Dispatcher } from 'undici'
import { Answer } from './answer.ts'
import type { EdgeRequest } from './edge-request.ts'

const maxBodyBytes = 32 * 1024 * 1024
const connectTimeoutMs = 1_000
const headersTimeoutMs = 30_000 // a held request takes three target durations at most
const bodyTimeoutMs = 5_000
const connectionsPerPod = 128
const headRoomBytes = 512 // the head of an answer without a cookie has about 300
const unknownBodyBytes = 64 * 1024

/** One Pod's address. */
export interface Origin {
  readonly host: string
  readonly port: number
}

export class Upstream {
  readonly #agent = new Agent({
    connect: { timeout: connectTimeoutMs },
    connections: connectionsPerPod,
    pipelining: 1,
    headersTimeout: headersTimeoutMs,
    bodyTimeout: bodyTimeoutMs,
    keepAliveTimeout: 30_000,
  })

  /** @throws the connection's error; RangeError for a body beyond all bounds. */
  fetch({ host, port }: Origin, { path, query }: EdgeRequest): Promise<Answer> {
    const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    this.#agent.dispatch({ origin, path: path + query, method: 'GET' }, new AnswerReader(resolve, reject))
    return promise
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}

/** Gathers one response where it will stay, with room for the head that viewers get: a part is copied once. */
class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: Error) => void
  #status = 0
  #headers: Record<string, string | string[] | undefined> = {}
  #whole = Buffer.alloc(0)
  #end = headRoomBytes

  constructor(resolve: (answer: Answer) => void, reject: (error: Error) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  onRequestStart(): void {}

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = statusCode
    this.#headers = headers
    const announced = Number(this.#header('content-length') || unknownBodyBytes) // an empty body has its length, too
    this.#whole = Buffer.allocUnsafeSlow(headRoomBytes + Math.min(announced, maxBodyBytes))
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
    const whole = this.#whole.subarray(0, this.#end)
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
    this.#reject(error)
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
