/** Services prove to each other that a call comes from one of them: an HMAC over what was sent and when. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import getRawBody from 'raw-body'
import { dropRest } from './drop-rest.ts'
import { BodyTooLargeError, UnauthenticatedError } from './errors.ts'
import { callHttp, type HttpAnswer } from './http-call.ts'

/** Header of a signed call: `t=<unix seconds>,v1=<hex HMAC-SHA256>`. */
export const signatureHeader = 'x-mytaek1-signature'

const toleranceSeconds = 300 // clocks of two nodes differ; a repeated event has no second effect anyway
const bodyLimitBytes = 64 * 1024

/** What is signed. `path` is the request's path as sent, without the query; `body` is '' for a GET. */
export interface SignedCall {
  serviceToken: string
  method: string
  path: string
  body: string
}

/** The signature of a call made at `now` (milliseconds since the epoch). */
export function serviceSignature(call: SignedCall, now = Date.now()): string {
  const seconds = Math.floor(now / 1_000)
  return `t=${seconds},v1=${hmac(call, seconds).toString('hex')}`
}

/**
 * Checks a call's signature. Any of `serviceTokens` may have made it: while the token is changed there are two.
 *
 * @throws {UnauthenticatedError} missing, malformed, of another secret or content, or older or newer than five minutes.
 */
export function verifyServiceSignature(
  { serviceTokens, ...call }: Omit<SignedCall, 'serviceToken'> & { serviceTokens: readonly string[] },
  header: string,
  now = Date.now(),
): void {
  const [, time, given] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? []
  if (time === undefined || given === undefined) throw new UnauthenticatedError('This needs a service signature')
  const seconds = Number(time)
  if (Math.abs(now / 1_000 - seconds) > toleranceSeconds)
    throw new UnauthenticatedError('The service signature is too old')
  const signature = Buffer.from(given, 'hex')
  if (!serviceTokens.some((serviceToken) => timingSafeEqual(hmac({ ...call, serviceToken }, seconds), signature))) {
    throw new UnauthenticatedError('The service signature does not fit this call')
  }
}

/**
 * Reads a signed request's body after checking its signature; '' for a GET.
 *
 * @throws {UnauthenticatedError} see verifyServiceSignature.
 * @throws {BodyTooLargeError} more than 64 KiB.
 */
export async function readSignedBody(ctx: Context, serviceTokens: readonly string[]): Promise<string> {
  const header = ctx.get(signatureHeader)
  if (header === '') throw new UnauthenticatedError('This needs a service signature') // before a byte is read
  const body = ctx.method === 'GET' ? '' : await readBody(ctx)
  verifyServiceSignature({ serviceTokens, method: ctx.method, path: ctx.path, body }, header)
  return body
}

/** Calls another service with a signature. The answer's status is the caller's to judge. */
export async function signedFetch(call: {
  serviceToken: string
  method: 'GET' | 'POST'
  url: string
  body?: string
  timeoutMs: number
}): Promise<HttpAnswer> {
  const { serviceToken, method, body = '', timeoutMs } = call
  const url = new URL(call.url)
  const signature = serviceSignature({ serviceToken, method, path: url.pathname, body })
  return await callHttp({
    method,
    url,
    headers: { [signatureHeader]: signature, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) },
    body: method === 'POST' ? body : undefined,
    timeoutMs,
  })
}

function hmac({ serviceToken, method, path, body }: SignedCall, seconds: number): Buffer {
  return createHmac('sha256', serviceToken).update(`${seconds}.${method}.${path}.${body}`).digest()
}

async function readBody(ctx: Context): Promise<string> {
  try {
    return await getRawBody(ctx.req, { length: ctx.request.length, limit: bodyLimitBytes, encoding: 'utf8' })
  } catch (error) {
    if (error instanceof Error && 'type' in error && error.type === 'entity.too.large') {
      dropRest(ctx.req, { bytes: bodyLimitBytes, ms: 1_000 })
      throw new BodyTooLargeError(bodyLimitBytes)
    }
    throw error
  }
}
