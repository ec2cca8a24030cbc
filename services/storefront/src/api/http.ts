import { NoAnswerError, readProblem } from './problem.ts'
import { observeServerDate } from './server-clock.ts'

const deadlineMs = 15_000
const uploadDeadlineMs = 60_000
const attempts = 4
const firstPauseMs = 300
const longestPauseMs = 5_000 // told to wait longer, a visitor rather reads why

/** One call. `path` is absolute on this origin, e.g. `/api/commerce/v1/orders`. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  body?: unknown
  /** Sent as it is with its own type instead of JSON: an image. */
  file?: Blob
  /** Makes the call repeatable: on no answer or 503 it is sent again with the same key. */
  idempotencyKey?: string
  /** Access token of the caller. */
  token?: string
  /** Lets the request outlive the page, so that a cookie it sets is not lost with a reload. */
  keepalive?: boolean
  signal?: AbortSignal
}

/**
 * Calls a service and returns the JSON of its answer, the text of one that is none, undefined for an empty one.
 *
 * GET, and calls with an idempotency key, are repeated up to three times when no answer came or the service is
 * unavailable (503, 429), after its Retry-After or a growing pause.
 * @throws {ApiProblem} the service refused. @throws {NoAnswerError} nothing came within the deadline.
 */
export async function call(request: ApiRequest): Promise<unknown> {
  const repeatable = request.method === 'GET' || request.idempotencyKey !== undefined
  for (let attempt = 1; ; attempt++) {
    const last = !repeatable || attempt === attempts
    try {
      const response = await send(request)
      if (response.ok) return response.status === 204 ? undefined : await readBody(response)
      const pauseMs = retryAfterMs(response) ?? firstPauseMs * 2 ** attempt
      const mayRepeat = !last && (response.status === 503 || response.status === 429) && pauseMs <= longestPauseMs
      if (!mayRepeat) throw await readProblem(response)
      await pause(pauseMs, request.signal)
    } catch (error) {
      if (last || !(error instanceof NoAnswerError)) throw error
      await pause(firstPauseMs * 2 ** attempt, request.signal)
    }
  }
}

async function send(request: ApiRequest): Promise<Response> {
  const headers = new Headers({ accept: 'application/json' })
  if (request.body !== undefined) headers.set('content-type', 'application/json')
  if (request.file !== undefined) headers.set('content-type', request.file.type)
  if (request.idempotencyKey !== undefined) headers.set('idempotency-key', request.idempotencyKey)
  if (request.token !== undefined) headers.set('authorization', `Bearer ${request.token}`)
  const deadline = AbortSignal.timeout(request.file === undefined ? deadlineMs : uploadDeadlineMs)
  const sentAt = Date.now()
  try {
    const response = await fetch(request.path, {
      method: request.method,
      headers,
      body: request.file ?? (request.body === undefined ? undefined : JSON.stringify(request.body)),
      credentials: 'same-origin',
      cache: 'no-cache', // kept answers are asked for again with their ETag
      keepalive: request.keepalive ?? false,
      signal: request.signal ? AbortSignal.any([request.signal, deadline]) : deadline,
    })
    observeServerDate({ date: response.headers.get('date'), sentAt, receivedAt: Date.now() })
    return response
  } catch (cause) {
    request.signal?.throwIfAborted()
    throw new NoAnswerError(`No answer from ${request.path}`, { cause })
  }
}

async function readBody(response: Response): Promise<unknown> {
  try {
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? true
    return text === '' ? undefined : isJson ? JSON.parse(text) : text
  } catch (cause) {
    throw new NoAnswerError('The answer was cut off', { cause })
  }
}

function retryAfterMs(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason)
      },
      { once: true },
    )
  })
}
