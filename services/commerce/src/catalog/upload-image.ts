import type { Knex } from 'knex'
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { dropRest } from '@mytaek1/platform/drop-rest.ts'
import { AppError, BodyTooLargeError } from '@mytaek1/platform/errors.ts'
import type { BoundedQueue } from '../bounded-queue.ts'
import { encodeImage, measureImage } from './encode-image.ts'
import type { ImageStore } from './image-store.ts'
import { imageMediaTypes, imageTypeOf, isHeic } from './image-type.ts'
import { readUpload } from './read-upload.ts'
import { expectUse } from './unused-images.ts'
import { renditionFormats, renditionName, renditionsVersion } from './renditions.ts'

const dropped = { bytes: 32 * 1024 * 1024, ms: 20_000 } // a browser reads the refusal only after it has sent all

/** The bytes are not an image of a type that is taken; what Content-Type says of them, rightly or wrongly, is not asked. */
export class NotAnImageError extends AppError {
  readonly kind = 'unsupported_media'
  readonly code: 'unsupported_media_type' | 'heic_not_taken'
  constructor(bytes: Buffer) {
    const heic = isHeic(bytes)
    super(
      heic
        ? 'The picture is HEIC, which most browsers cannot show: save it as JPEG, or set the camera to "Most Compatible"'
        : `The body is no picture of a type that is taken: ${imageMediaTypes.join(', ')}`,
    )
    this.code = heic ? 'heic_not_taken' : 'unsupported_media_type'
  }
}

/** Answers of every route that takes an image. */
export const uploadRefusals = {
  400: { description: '`upload_too_slow`' },
  413: { description: '`body_too_large`' },
  415: { description: '`unsupported_media_type`, `heic_not_taken`: by its content, whatever its Content-Type' },
  422: { description: '`image_not_decodable`, `image_too_many_pixels`' },
  429: { description: '`rate_limited`' },
  503: { description: '`image_store_unavailable`, `busy`' },
}

/** What uploading needs. `reading` bounds how many originals are in memory, `encoding` how many are worked on. */
export interface UploadDeps {
  db: Knex
  store: ImageStore
  reading: BoundedQueue
  encoding: BoundedQueue
  maxBytes: number
  readMs: number
  now: Date
}

/**
 * Reads an original from a request, re-encodes it, and stores its renditions; the original is kept nowhere.
 *
 * Nothing refers to the image before every file is stored, and its id comes from the content: an upload that fails
 * half-way leaves nothing that anybody can see, and repeating it gives the same names.
 *
 * @returns the image's id, for a product or a broadcast to refer to.
 * @throws {NotAnImageError | BodyTooLargeError | UploadTooSlowError | UndecodableImageError | UnavailableError}
 */
export async function uploadImage(deps: UploadDeps, request: IncomingMessage): Promise<string> {
  try {
    return await readAndStore(deps, request)
  } catch (error) {
    dropRest(request, dropped)
    throw error
  }
}

async function readAndStore(deps: UploadDeps, request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > deps.maxBytes) throw new BodyTooLargeError(deps.maxBytes)
  return await deps.reading.run(async () => {
    const original = await readUpload(request, deps)
    const type = imageTypeOf(original) // browsers and phones mislabel: PNG as image/jpeg, JPEG as image/jpg
    if (type === undefined) throw new NotAnImageError(original)
    const { width, height } = await measureImage(original, type)
    const renditions = await deps.encoding.run(() => encodeImage(original, type))
    const id = imageIdOf(original)
    await expectUse(deps, { id, width, height })
    for (const { size, format, bytes } of renditions) {
      await deps.store.put(renditionName(id, size, format), bytes, renditionFormats[format])
    }
    return id
  })
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

// 100 bits of the content's hash, in the same form as other ids.
function imageIdOf(original: Buffer): string {
  const digest = createHash('sha256').update(`renditions ${renditionsVersion}\n`).update(original).digest()
  return `i-${Array.from(digest.subarray(0, 20), (byte) => alphabet[byte % 32]).join('')}`
}
