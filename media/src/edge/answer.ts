/** What viewers get: one immutable body shared by all who asked for the same thing. */
import { gzipSync } from 'node:zlib'

const gzipFromBytes = 300
const gzipLevel = 3 // playlists repeat themselves: more gains little and costs the release of held requests

/** A response as the Pod gave it, or an error of our own; `compressed` is made once, when the first viewer takes gzip. */
export class Answer {
  readonly status: number
  readonly contentType: string
  readonly cacheControl: string
  readonly body: Buffer
  readonly retryAfterSeconds: number | undefined
  readonly storedAt: number // milliseconds, monotonic
  #compressed: Buffer | undefined

  constructor(facts: {
    status: number
    contentType: string
    cacheControl: string
    body: Buffer
    storedAt: number
    retryAfterSeconds?: number
  }) {
    this.status = facts.status
    this.contentType = facts.contentType
    this.cacheControl = facts.cacheControl
    this.body = facts.body
    this.storedAt = facts.storedAt
    this.retryAfterSeconds = facts.retryAfterSeconds
  }

  /** Playlists only: media is compressed already. */
  get compressible(): boolean {
    return this.body.length >= gzipFromBytes && this.contentType.startsWith('application/vnd.apple.mpegurl')
  }

  get compressed(): Buffer {
    this.#compressed ??= gzipSync(this.body, { level: gzipLevel })
    return this.#compressed
  }

  /** Seconds this may be kept, by its own Cache-Control; 0: not at all. RFC 9111 section 5.2.2. */
  get maxAgeSeconds(): number {
    if (this.status !== 200 || /no-store|no-cache|private/.test(this.cacheControl)) return 0
    const found = /(?:^|[\s,])max-age=(\d{1,9})/.exec(this.cacheControl)
    return Number(found?.[1] ?? 0)
  }
}

/** A refusal of our own, as RFC 9457 problem details. */
export function refusal(
  status: number,
  code: string,
  detail: string,
  options: { now: number; retryAfterSeconds?: number },
): Answer {
  return new Answer({
    status,
    contentType: 'application/problem+json',
    cacheControl: 'no-store',
    body: Buffer.from(JSON.stringify({ type: 'about:blank', status, code, detail })),
    storedAt: options.now,
    retryAfterSeconds: options.retryAfterSeconds,
  })
}
