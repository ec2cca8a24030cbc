import {
  CreateBucketCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { Readable } from 'node:stream'
import { UnavailableError } from '@mytaek1/platform/errors.ts'

const folder = 'images/'
const attemptTimeoutMs = 5_000
const putDeadlineMs = 15_000

/** Where the images' files are. The only file of this service that knows S3. */
export interface ImageStore {
  /** Writes a file; throws UnavailableError `image_store_unavailable`. */
  put(name: string, body: Buffer, contentType: string): Promise<void>
  /** Opens a file for reading; undefined when there is none. */
  open(name: string): Promise<{ body: Readable; bytes: number | undefined } | undefined>
  close(): void
}

/** Connects to an S3 store; the bucket is made when a first file finds none. */
export function createImageStore(config: {
  endpoint: string
  region: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
}): ImageStore {
  const { bucket } = config
  const client = new S3Client({
    endpoint: config.endpoint,
    region: config.region,
    credentials: { accessKeyId: config.accessKeyId, secretAccessKey: config.secretAccessKey },
    forcePathStyle: true, // a bucket needs no DNS name of its own
    maxAttempts: 2,
    requestChecksumCalculation: 'WHEN_REQUIRED', // not every S3 implementation knows the newer checksums
    requestHandler: { connectionTimeout: 2_000, requestTimeout: attemptTimeoutMs },
  })
  const write = (name: string, body: Buffer, contentType: string) =>
    client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: folder + name,
        Body: body,
        ContentType: contentType,
        CacheControl: 'public, max-age=31536000, immutable',
      }),
      { abortSignal: AbortSignal.timeout(putDeadlineMs) },
    )
  return {
    put: async (name, body, contentType) => {
      try {
        await write(name, body, contentType).catch(async (error: unknown) => {
          if (!isNamed(error, 'NoSuchBucket')) throw error
          await createBucket(client, bucket)
          await write(name, body, contentType)
        })
      } catch (error) {
        throw unavailable('stored', error)
      }
    },
    open: async (name) => {
      try {
        const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key: folder + name }))
        if (!(found.Body instanceof Readable)) return undefined
        return { body: found.Body, bytes: found.ContentLength }
      } catch (error) {
        if (error instanceof NoSuchKey || isNamed(error, 'NoSuchBucket')) return undefined
        throw unavailable('read', error)
      }
    },
    close: () => client.destroy(),
  }
}

async function createBucket(client: S3Client, bucket: string): Promise<void> {
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
  } catch (error) {
    // another Pod made it meanwhile
    if (!isNamed(error, 'BucketAlreadyOwnedByYou') && !isNamed(error, 'BucketAlreadyExists')) throw error
  }
}

const isNamed = (error: unknown, name: string) => error instanceof S3ServiceException && error.name === name

const unavailable = (verb: string, cause: unknown) =>
  new UnavailableError(`The image cannot be ${verb} now: the image store does not answer as it should`, {
    code: 'image_store_unavailable',
    retryAfterSeconds: 5,
    cause,
  })
