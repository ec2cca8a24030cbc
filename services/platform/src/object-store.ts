/** One bucket of an S3 store: the only file that knows its protocol. */
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { once } from 'node:events'
import { Readable } from 'node:stream'

/**
 * Where a bucket is, and who may use it; see `s3Variables` of env.ts. Without keys the SDK finds those of the process itself, and
 * others before they expire: of a role by the ServiceAccount's token (AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE), of an agent on
 * the node (AWS_CONTAINER_CREDENTIALS_FULL_URI), or of the node.
 */
export interface ObjectStoreConfig {
  endpoint: string
  region: string
  bucket: string
  keys?: { accessKeyId: string; secretAccessKey: string }
}

const attemptTimeoutMs = 5_000
const deadlineMs = 15_000
const yearSeconds = 31_536_000
const mostListPages = 10 // of a thousand keys

/** Files of one bucket. Every call ends within 15 s, and throws whatever the store or the connection says. */
export interface ObjectStore {
  /** Writes a file whole, or not at all. `changes`: caches must ask again; else its name never means anything else. */
  put(
    key: string,
    body: Buffer,
    options: { contentType: string; changes?: boolean; signal?: AbortSignal },
  ): Promise<void>
  /** Opens a file for reading; undefined when there is none. */
  open(key: string): Promise<{ body: Readable; bytes: number | undefined } | undefined>
  /**
   * Reads a file whole; undefined when there is none.
   * @param onLength awaited before anything is read: a reader with bounded memory waits there for room. It is told `maxBytes`
   *   where the store does not say a length.
   * @throws RangeError for one of more than `maxBytes`.
   */
  read(
    key: string,
    options: { maxBytes: number; onLength?: (bytes: number, signal: AbortSignal) => Promise<void> },
  ): Promise<Buffer | undefined>
  /** Removes a file; one that is not there is no failure. */
  remove(key: string): Promise<void>
  /** Names that begin with `prefix`, in order; ten thousand at most. None where there is no bucket yet. */
  list(prefix: string): Promise<string[]>
  close(): void
}

/** Connects to an S3 store; the bucket is made when a first file finds none. */
export function connectObjectStore(config: ObjectStoreConfig): ObjectStore {
  const { bucket, endpoint, region, keys } = config
  const client = new S3Client({
    endpoint,
    region,
    ...(keys === undefined ? {} : { credentials: keys }),
    forcePathStyle: true, // a bucket needs no DNS name of its own
    maxAttempts: 2,
    requestChecksumCalculation: 'WHEN_REQUIRED', // not every S3 implementation knows the newer checksums
    requestHandler: { connectionTimeout: 2_000, requestTimeout: attemptTimeoutMs },
  })
  const limit = (signal?: AbortSignal) => {
    const deadline = AbortSignal.timeout(deadlineMs)
    return { abortSignal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]) }
  }
  const open = async (key: string, abort: { abortSignal?: AbortSignal } = {}) => {
    try {
      const found = await within(abort, client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), abort))
      if (!(found.Body instanceof Readable)) return undefined
      return { body: found.Body, bytes: found.ContentLength }
    } catch (error) {
      if (error instanceof NoSuchKey || isNamed(error, 'NoSuchBucket')) return undefined
      throw error
    }
  }
  return {
    put: async (key, body, { contentType, changes = false, signal }) => {
      const CacheControl = changes ? 'no-cache' : `public, max-age=${yearSeconds}, immutable`
      const command = () =>
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType, CacheControl })
      const abort = limit(signal)
      try {
        await within(abort, client.send(command(), abort))
      } catch (error) {
        if (!isNamed(error, 'NoSuchBucket')) throw error
        await createBucket(client, bucket)
        await within(abort, client.send(command(), abort))
      }
    },
    open: (key) => open(key),
    read: async (key, { maxBytes, onLength }) => {
      const abort = limit()
      const file = await open(key, abort)
      if (file === undefined) return undefined
      const bytes = file.bytes ?? maxBytes
      try {
        if (bytes <= maxBytes) await onLength?.(bytes, abort.abortSignal)
      } catch (error) {
        file.body.destroy()
        throw error
      }
      return await readWhole(file.body, { key, maxBytes, signal: abort.abortSignal })
    },
    remove: async (key) => {
      try {
        const abort = limit()
        await within(abort, client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), abort))
      } catch (error) {
        if (!(error instanceof NoSuchKey) && !isNamed(error, 'NoSuchBucket')) throw error
      }
    },
    list: async (prefix) => {
      const keys: string[] = []
      const abort = limit()
      let next: string | undefined
      for (let page = 0; page < mostListPages; page += 1) {
        const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next })
        const found = await within(abort, client.send(command, abort)).catch((error: unknown) => {
          if (isNamed(error, 'NoSuchBucket')) return undefined
          throw error
        })
        for (const { Key } of found?.Contents ?? []) if (Key !== undefined) keys.push(Key)
        next = found?.NextContinuationToken
        if (next === undefined) break
      }
      return keys
    },
    close: () => client.destroy(),
  }
}

async function readWhole(
  body: Readable,
  { key, maxBytes, signal }: { key: string; maxBytes: number; signal: AbortSignal },
): Promise<Buffer> {
  const giveUp = () => body.destroy(new Error(`${key} did not arrive in time`, { cause: signal.reason }))
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue
      bytes += chunk.length
      if (bytes > maxBytes) throw new RangeError(`${key} is larger than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } finally {
    signal.removeEventListener('abort', giveUp)
    body.destroy()
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

/** What a call answers, or its signal's end: the SDK heeds that only when it has keys, and those of a role come from elsewhere. */
async function within<T>({ abortSignal: signal }: { abortSignal?: AbortSignal }, call: Promise<T>): Promise<T> {
  if (signal === undefined) return await call
  const ended = new AbortController()
  const end = once(signal, 'abort', { signal: ended.signal }).then(() => Promise.reject(signal.reason as Error))
  try {
    return await Promise.race([call, end])
  } finally {
    end.catch(() => undefined)
    call.catch(() => undefined)
    ended.abort()
  }
}

const isNamed = (error: unknown, name: string) => error instanceof S3ServiceException && error.name === name
