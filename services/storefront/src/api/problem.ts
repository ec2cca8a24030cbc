import type { Problem } from '@mytaek1/contracts/problem.ts'

/** A service refused: `code` is stable and chooses the message that the visitor reads (RFC 9457 problem details). */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly fields: readonly { path: string; message: string }[]
  readonly requestId: string | undefined
  /** How long to wait, in seconds, where that is known. */
  readonly retryAfterSeconds: number | undefined
  constructor(problem: Partial<Problem> & { status: number; code: string }, retryAfterSeconds?: number) {
    super(problem.detail ?? problem.title ?? problem.code)
    this.status = problem.status
    this.code = problem.code
    this.fields = problem.errors ?? []
    this.requestId = problem.requestId
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** No answer came in time, or none at all; whether the service acted is unknown, so only idempotent calls are repeated. */
export class NoAnswerError extends Error {
  readonly code = 'no_answer'
}

/** Reads an answer that is not 2xx; one that is no problem document (a proxy's page) becomes `http_<status>`. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  const fallback = { status: response.status, code: `http_${response.status}` }
  if (!(response.headers.get('content-type') ?? '').includes('json')) return new ApiProblem(fallback)
  try {
    const body: unknown = await response.json()
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
    return new ApiProblem(isProblem(body) ? body : fallback, Number.isFinite(seconds) ? seconds : undefined)
  } catch {
    return new ApiProblem(fallback) // cut off on its way: the status is all there is
  }
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string' && 'status' in body
  )
}
