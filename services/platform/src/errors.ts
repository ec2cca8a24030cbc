import type { Problem } from '@mytaek1/contracts/problem.ts'

/** What kind of refusal an error is; the HTTP status follows from it, in `statusOfKind` alone. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'too_slow'
  | 'conflict'
  | 'gone'
  | 'precondition_failed'
  | 'too_large'
  | 'unsupported_media'
  | 'unprocessable'
  | 'too_many'
  | 'unavailable'

/** RFC 9110 status codes, and 429 of RFC 6585. */
export const statusOfKind: Readonly<Record<ErrorKind, number>> = Object.freeze({
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  too_slow: 408,
  conflict: 409,
  gone: 410,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media: 415,
  unprocessable: 422,
  too_many: 429,
  unavailable: 503,
})

/** One bad field of a request: `path` in dots, e.g. `price.amount`. */
export interface FieldError {
  path: string
  message: string
}

/**
 * An expected refusal: it is shown to the caller. Its message says what was refused, of what, and by which rule;
 * never a secret. Anything that is not an AppError is a bug and answers 500.
 */
export abstract class AppError extends Error {
  abstract readonly kind: ErrorKind
  abstract readonly code: string
  /** Seconds after which the caller may try again; sent as Retry-After. */
  readonly retryAfterSeconds?: number
  readonly fields?: readonly FieldError[]
  /** What a program may want to know of it, as members of the answer (RFC 9457 section 3.2). */
  readonly facts?: Pick<Problem, 'total' | 'variants'>

  /** Takes no stack: it says what was refused, not where; for nine thousand buyers who come too late it would cost much. */
  constructor(message?: string, options?: ErrorOptions) {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message, options)
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** The request does not fit its schema; `fields` has one entry a violation. */
export class InvalidRequestError extends AppError {
  readonly kind = 'invalid'
  readonly code = 'invalid_request'
  override readonly fields: readonly FieldError[]
  constructor(message: string, fields: readonly FieldError[] = []) {
    super(message)
    this.fields = fields
  }
}

/** No such thing, or none that the caller may know of. */
export class NotFoundError extends AppError {
  readonly kind = 'not_found'
  readonly code = 'not_found'
  constructor(what: string, id: string) {
    super(`No ${what} ${JSON.stringify(id.slice(0, 64))}`)
  }
}

/** No valid access token came with a request that needs one. */
export class UnauthenticatedError extends AppError {
  readonly kind = 'unauthenticated'
  readonly code = 'unauthenticated'
  constructor(message = 'This needs an access token: Authorization: Bearer <token>') {
    super(message)
  }
}

/** The caller is known and may not do this. */
export class ForbiddenError extends AppError {
  readonly kind = 'forbidden'
  readonly code = 'forbidden'
}

/** A body is larger than its route takes. */
export class BodyTooLargeError extends AppError {
  readonly kind = 'too_large'
  readonly code = 'body_too_large'
  constructor(limitBytes: number) {
    super(`The body is larger than ${limitBytes} bytes`)
  }
}

/** The body did not arrive in time: whoever sends a byte a second holds a connection, and must not hold it for long. */
export class BodyTooSlowError extends AppError {
  readonly kind = 'too_slow'
  readonly code = 'body_too_slow'
  constructor(limitMs: number) {
    super(`The body did not arrive within ${limitMs / 1_000} s`)
  }
}

/** The path is known, the method is not one of its. */
export class MethodNotAllowedError extends AppError {
  readonly kind = 'method_not_allowed'
  readonly code = 'method_not_allowed'
  constructor(method: string, allowed: readonly string[]) {
    super(`${method} is not a method of this path; it has ${allowed.join(', ')}`)
  }
}

/** The body is of a type that its route does not take. */
export class UnsupportedMediaTypeError extends AppError {
  readonly kind = 'unsupported_media'
  readonly code = 'unsupported_media_type'
  constructor(given: string, taken: readonly string[]) {
    super(`Content-Type ${JSON.stringify(given.slice(0, 100))} is not taken here; send ${taken.join(', ')}`)
  }
}

/** Something this service needs does not answer now; trying again may help. */
export class UnavailableError extends AppError {
  readonly kind = 'unavailable'
  readonly code: string
  override readonly retryAfterSeconds: number
  constructor(message: string, options: { code?: string; retryAfterSeconds?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = options.code ?? 'unavailable'
    this.retryAfterSeconds = options.retryAfterSeconds ?? 1
  }
}
