/**
 * One HTTP call and its whole answer, over connections that are kept: between our services, and to gateways. `fetch` does the
 * same for four times the processor time, and Node's own client for twice: it is most of what a payment's calls cost.
 */
import { Agent, type Dispatcher } from 'undici'
import { afterRunning } from './running-time.ts'

const answerLimitBytes = 4 * 1024 * 1024
const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 }) // each call has a deadline of its own

/** A call to be made; `timeoutMs` is for all of it, to the answer's last byte. Redirects are answers, and not followed. */
export interface HttpCall {
  method: string
  url: URL | string
  headers?: Readonly<Record<string, string>>
  body?: string | undefined
  timeoutMs: number
}

/** What was answered. */
export interface HttpAnswer {
  status: number
  /** A status from 200 to 299. */
  ok: boolean
  text: string
  /** @throws {SyntaxError} it is not JSON. */
  json(): Promise<unknown>
}

/**
 * Calls, and reads the answer.
 *
 * @throws {Error} no answer, or none in time, or more than 4 MiB: whether the call took effect is not known. Nothing of what
 *   was sent is in the error.
 */
export function callHttp({ method, url, headers = {}, body, timeoutMs }: HttpCall): Promise<HttpAnswer> {
  const { origin, pathname, search } = typeof url === 'string' ? new URL(url) : url
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
  const answer = new WholeAnswer(resolve, reject, timeoutMs)
  agent.dispatch({ origin, path: pathname + search, method, headers, body }, answer)
  return promise
}

/** Gathers an answer; the first end that it comes to, good or bad, is its end. */
class WholeAnswer implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: HttpAnswer) => void
  readonly #reject: (error: Error) => void
  readonly #deadline: NodeJS.Timeout
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #failed: Error | undefined
  #status = 0
  #bytes = 0

  constructor(resolve: (answer: HttpAnswer) => void, reject: (error: Error) => void, timeoutMs: number) {
    this.#resolve = resolve
    this.#reject = reject
    this.#deadline = afterRunning(timeoutMs, () => this.#fail(new Error(`no answer within ${timeoutMs} ms`)))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#failed) controller.abort(this.#failed) // it waited for a connection for all of its time
  }

  onResponseStart(_controller: unknown, status: number): void {
    this.#status = status
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > answerLimitBytes) this.#fail(new Error(`an answer of more than ${answerLimitBytes} bytes`))
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    clearTimeout(this.#deadline)
    const [text, status] = [Buffer.concat(this.#chunks).toString('utf8'), this.#status]
    this.#resolve({ status, ok: status >= 200 && status < 300, text, json: async () => JSON.parse(text) as unknown })
  }

  onResponseError(_controller: unknown, error: Error): void {
    clearTimeout(this.#deadline)
    this.#reject(error)
  }

  #fail(error: Error): void {
    this.#failed = error
    this.#reject(error)
    this.#controller?.abort(error)
  }
}
