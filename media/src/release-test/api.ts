import { randomUUID } from 'node:crypto'
import { problemShape } from '@mytaek1/contracts/problem.ts'
import type { z } from 'zod'

const shownBytes = 200

/** A request to one of the APIs. `token`: whose it is. */
export interface ApiRequest<S extends z.ZodType> {
  signal: AbortSignal
  token?: string
  body?: unknown
  /** What the answer has to have; more does no harm. */
  answer: S
}

/** An API at an address: `api('POST', '/orders', …)`. */
export type Api = <S extends z.ZodType>(method: string, path: string, request: ApiRequest<S>) => Promise<z.infer<S>>

/** It answered, and not what was asked for; the message has neither what was sent nor a token. */
export class RefusedError extends Error {
  readonly status: number
  readonly code: string | undefined
  constructor(call: string, status: number, body: string) {
    const problem = problemShape.partial().safeParse(parsed(body)).data
    const fields = problem?.errors?.map(({ path, message }) => `${path} ${message}`) ?? []
    const said = [problem?.code, problem?.detail ?? problem?.title, ...fields].filter((part) => part !== undefined)
    super(`${call} answered ${status}: ${said.length > 0 ? said.join(', ') : body.slice(0, shownBytes)}`)
    this.status = status
    this.code = problem?.code
  }
}

/** The API at `base`; each write has an Idempotency-Key of its own. */
export function apiAt(base: string): Api {
  return async (method, path, { signal, token, body, answer }) => {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
    }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${base}${path}`, { method, headers, signal, ...sent })
    const text = await response.text()
    const call = `${method} ${path}`
    if (!response.ok) throw new RefusedError(call, response.status, text)
    const read = answer.safeParse(parsed(text))
    if (read.success) return read.data
    const [issue] = read.error.issues
    throw new Error(`${call} answered without what was asked for: ${issue?.path.join('.')} ${issue?.message}`)
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
