import type { IncomingMessage } from 'node:http'
import { AppError, BodyTooLargeError } from '@mytaek1/platform/errors.ts'
import { afterRunning } from '@mytaek1/platform/running-time.ts'

/** The body did not come in time; it would have kept others from uploading. */
export class UploadTooSlowError extends AppError {
  readonly kind = 'invalid'
  readonly code = 'upload_too_slow'
  constructor(limitMs: number) {
    super(`The upload did not arrive within ${limitMs / 1_000} s`)
  }
}

/**
 * Reads an upload whole; the caller drops what is left of one that is refused.
 *
 * By events and not by iteration: leaving a loop early would destroy the connection that the refusal goes over.
 * @throws {BodyTooLargeError | UploadTooSlowError}
 */
export function readUpload(
  request: IncomingMessage,
  { maxBytes, readMs }: { maxBytes: number; readMs: number },
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let bytes = 0
  const take = (chunk: Buffer) => {
    bytes += chunk.length
    chunks.push(chunk)
    if (bytes > maxBytes) end(new BodyTooLargeError(maxBytes))
  }
  const end = (error?: Error) => {
    clearTimeout(timer)
    request.off('data', take)
    if (error === undefined) return resolve(Buffer.concat(chunks))
    chunks.length = 0
    reject(error)
  }
  const timer = afterRunning(readMs, () => end(new UploadTooSlowError(readMs)))
  request.on('data', take)
  request.once('end', () => end())
  request.once('error', end)
  request.once('close', () => end(new Error('The upload was cut'))) // after `end` it changes nothing
  return promise
}
