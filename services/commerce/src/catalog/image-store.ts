import type { Readable } from 'node:stream'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import type { ObjectStore } from '@mytaek1/platform/object-store.ts'

const folder = 'images/'

/** Where the images' files are. */
export interface ImageStore {
  /** Writes a file; throws UnavailableError `image_store_unavailable`. */
  put(name: string, body: Buffer, contentType: string): Promise<void>
  /** Opens a file for reading; undefined when there is none. */
  open(name: string): Promise<{ body: Readable; bytes: number | undefined } | undefined>
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>
}

/** The images' folder of a bucket. */
export function createImageStore(store: ObjectStore): ImageStore {
  return {
    put: (name, body, contentType) =>
      store.put(folder + name, body, { contentType }).catch((error: unknown) => {
        throw unavailable('stored', error)
      }),
    open: (name) =>
      store.open(folder + name).catch((error: unknown) => {
        throw unavailable('read', error)
      }),
    remove: (name) =>
      store.remove(folder + name).catch((error: unknown) => {
        throw unavailable('removed', error)
      }),
  }
}

const unavailable = (verb: string, cause: unknown) =>
  new UnavailableError(`The image cannot be ${verb} now: the image store does not answer as it should`, {
    code: 'image_store_unavailable',
    retryAfterSeconds: 5,
    cause,
  })
