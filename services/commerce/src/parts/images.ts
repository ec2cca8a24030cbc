import { s3Of } from '@mytaek1/platform/env.ts'
import { connectObjectStore } from '@mytaek1/platform/object-store.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import { BoundedQueue } from '../bounded-queue.ts'
import { createImageStore, type ImageStore } from '../catalog/image-store.ts'
import type { UploadDeps } from '../catalog/upload-image.ts'
import type { Shared } from './shared.ts'

/** Pictures, of products and of broadcasts alike, and how often sellers may change either. */
export interface Images {
  store: ImageStore
  uploads: Omit<UploadDeps, 'db' | 'now'>
  limits: { write: RateLimit; upload: RateLimit }
}

/** Connects to the images' bucket; few are read and fewer worked on at a time. */
export function connectImages({ config, limit, onClose }: Shared): Images {
  const objects = connectObjectStore(s3Of(config))
  onClose(() => objects.close())
  const store = createImageStore(objects)
  return {
    store,
    uploads: {
      store,
      reading: new BoundedQueue({ name: 'uploads', concurrency: 8, maxWaiting: 32, deadlineMs: 20_000 }),
      encoding: new BoundedQueue({ name: 'image encoding', concurrency: 1, maxWaiting: 8, deadlineMs: 60_000 }),
      maxBytes: config.UPLOAD_MAX_BYTES,
      readMs: config.UPLOAD_SECONDS * 1_000,
    },
    limits: {
      write: limit('changes', { points: config.LIMIT_CHANGES_PER_MINUTE, seconds: 60 }),
      upload: limit('uploads', { points: config.LIMIT_UPLOADS_PER_MINUTE * 10, seconds: 600 }),
    },
  }
}
