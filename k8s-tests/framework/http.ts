import { randomUUID } from 'node:crypto'
import { doors } from './platform-under-test.ts'

const timeoutMs = 60_000

/** An answer with its body parsed where it is JSON. */
export interface Answer {
  status: number
  headers: Headers
  body: Record<string, unknown>
  text: string
}

/** What a request may carry. */
export interface RequestOptions {
  token?: string
  body?: unknown
  headers?: Record<string, string>
  /** Sent as they are, with their type. */
  bytes?: { type: string; content: Uint8Array<ArrayBuffer> }
}

/** Calls the platform over HTTP; `path` begins at the root: `/api/commerce/v1/orders`. */
export async function call(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers }
  if (options.token) headers['authorization'] = `Bearer ${options.token}`
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  if (options.bytes) headers['content-type'] = options.bytes.type
  const body = options.bytes?.content ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
  const response = await fetch(new URL(path, doors.http), {
    method,
    headers,
    body,
    signal: AbortSignal.timeout(timeoutMs),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? (JSON.parse(text) as Answer['body']) : {},
  }
}

/** Calls and fails unless the answer has the status; the failure shows the whole answer. */
export async function expectStatus(
  status: number,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  const answer = await call(method, path, options)
  if (answer.status !== status)
    throw new Error(`${method} ${path} answered ${answer.status}, not ${status}: ${answer.text.slice(0, 1_000)}`)
  return answer
}

/** A new Idempotency-Key header. */
export const newKey = () => ({ 'idempotency-key': randomUUID() })
