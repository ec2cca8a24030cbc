import type { Knex } from 'knex'
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { AppError, BodyTooLargeError, UnsupportedMediaTypeError } from '@mytaek1/platform/errors.ts'
import type { BoundedQueue } from '../bounded-queue.ts'
import { encodeImage, measureImage } from './encode-image.ts'
import type { ImageStore } from './image-store.ts'
import { imageMediaTypes, imageTypeOf } from './image-type.ts'
import { renditionFormats, renditionName, renditionsVersion } from './renditions.ts'

/** The bytes are not an image of a type that is taken, whatever their Content-Type says. */
export class NotAnImageError extends AppError {
  readonly kind = 'unsupported_media'
  readonly code = 'unsupported_media_type'
  constructor(claimed: string) {
    super(`The body is not ${claimed}: its first bytes say otherwise`)
  }
}

/** What uploading needs; `queue` bounds how many originals are in memory and being encoded. */
export interface UploadDeps {
  db: Knex
  store: ImageStore
  queue: BoundedQueue
  maxBytes: number
  now: Date
}

/**
 * Reads an original from a request, re-encodes it, and stores its renditions; the original is kept nowhere.
 *
 * The row that makes the image usable is written after every file is stored, and its id comes from the content: an
 * upload that fails half-way leaves nothing that anybody can see, and repeating it gives the same names.
 *
 * @returns the image's id, for a product or a broadcast to refer to.
 * @throws {UnsupportedMediaTypeError | NotAnImageError | BodyTooLargeError | UndecodableImageError | UnavailableError}
 */
export async function uploadImage(deps: UploadDeps, request: IncomingMessage): Promise<string> {
  const claimed = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!imageMediaTypes.some((type) => type === claimed)) throw new UnsupportedMediaTypeError(claimed, imageMediaTypes)
  if (Number(request.headers['content-length'] ?? 0) > deps.maxBytes) throw new BodyTooLargeError(deps.maxBytes)
  return await deps.queue.run(async () => {
    const original = await readBody(request, deps.maxBytes)
    if (imageTypeOf(original) !== claimed) throw new NotAnImageError(claimed)
    const { width, height } = await measureImage(original)
    const id = imageIdOf(original)
    for (const { size, format, bytes } of await encodeImage(original)) {
      await deps.store.put(renditionName(id, size, format), bytes, renditionFormats[format])
    }
    await deps.db('images').insert({ id, width, height, created_at: deps.now }).onConflict('id').ignore()
    return id
  })
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new BodyTooLargeError(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

// 100 bits of the content's hash, in the same form as other ids.
function imageIdOf(original: Buffer): string {
  const digest = createHash('sha256').update(`renditions ${renditionsVersion}\n`).update(original).digest()
  return `i-${Array.from(digest.subarray(0, 20), (byte) => alphabet[byte % 32]).join('')}`
}
