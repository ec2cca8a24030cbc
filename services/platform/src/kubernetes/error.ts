import { AppError } from '../errors.ts'

/**
 * A call to the Kubernetes API that did not succeed.
 *
 * `status` is the HTTP status, 0 when no answer came (refused, reset, timed out); `reason` is the apiserver's
 * machine-readable one: Conflict, AlreadyExists, NotFound, Expired, Invalid, Forbidden, TooManyRequests …, or NoAnswer.
 */
export class KubernetesError extends AppError {
  readonly kind = 'unavailable'
  readonly code = 'kubernetes_error'
  readonly status: number
  readonly reason: string
  override readonly retryAfterSeconds?: number
  constructor(facts: { status: number; reason: string; message: string; retryAfterSeconds?: number; cause?: unknown }) {
    super(facts.message, { cause: facts.cause })
    this.status = facts.status
    this.reason = facts.reason
    this.retryAfterSeconds = facts.retryAfterSeconds
  }
}

/** An object that exists and is not as this version knows its kind: nothing may be concluded from it, least of all its absence. */
export class UnreadableError extends Error {
  constructor(kind: string, issues: readonly { path: readonly PropertyKey[]; message: string }[], cause: unknown) {
    const words = issues.slice(0, 5).map(({ path, message }) => `${path.map(String).join('.')}: ${message}`)
    super(`This version cannot read the ${kind}: ${words.join('; ')}`, { cause })
    this.name = 'UnreadableError'
  }
}

const reasonIs = (error: unknown, reason: string) => error instanceof KubernetesError && error.reason === reason

/** Someone else wrote the object since it was read: compare-and-swap lost. */
export const isConflict = (error: unknown) => reasonIs(error, 'Conflict')
/** An object of that name exists. */
export const isAlreadyExists = (error: unknown) => reasonIs(error, 'AlreadyExists')
/** The object is gone. */
export const isNotFound = (error: unknown) => error instanceof KubernetesError && error.status === 404
/** 410: the resource version or continue token is older than what the server remembers; list again. */
export const isExpired = (error: unknown) => error instanceof KubernetesError && error.status === 410
/** The apiserver does not answer or is not well (5xx, 429): nothing is wrong with the request itself. */
export const isUnavailable = (error: unknown) =>
  error instanceof KubernetesError && (error.status === 0 || error.status >= 500 || error.status === 429)

// How a policy says that it could not judge: its parameter is not there (yet), or its expression failed.
const unjudged = /^failed to configure |resulted in error: /

/**
 * The words of an admission policy or webhook that refused the object; undefined: nothing of that kind. The apiserver has
 * no field that tells it from a ResourceQuota that is full or a missing permission, which are 403, too, nor from a policy
 * that could not judge.
 */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof KubernetesError) || error.status < 400 || error.status >= 500) return undefined
  const words = /\bdenied (?:the )?request: (.+)$/s.exec(error.message)?.[1]
  return words !== undefined && unjudged.test(words) ? undefined : words
}
