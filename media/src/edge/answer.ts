/** What viewers get: one immutable body shared by all who asked for the same thing. */
import { STATUS_CODES } from 'node:http'
import { gzipSync } from 'node:zlib'

const gzipFromBytes = 300
const gzipLevel = 3 // playlists repeat themselves: more gains little and costs the release of held requests

/** What of a viewer's request changes a response's bytes. */
export interface ResponseShape {
  readonly gzip: boolean
  readonly headOnly: boolean
  readonly close: boolean
  readonly setCookie?: string
}

export interface AnswerFacts {
  readonly status: number
  readonly contentType: string
  readonly cacheControl: string
  readonly body: Buffer
  /** Memory that ends with `body` and has room before it, where one response's head saves the body a copy. */
  readonly whole?: Buffer
  readonly storedAt: number // milliseconds, monotonic
  readonly date?: Date // when the Pod made it; absent: now
  readonly retryAfterSeconds?: number
  readonly allow?: string
}

/** A response as the Pod gave it, or an error of our own; compressed once, when the first viewer takes gzip. */
export class Answer {
  readonly status: number
  readonly body: Buffer
  readonly storedAt: number
  readonly #facts: AnswerFacts
  #compressed: Buffer | undefined
  // Whole responses, ready to be written: [identity, gzip], and the Age they carry.
  readonly #ready: [Buffer?, Buffer?] = []
  #readyAge = 0
  #roomTaken = false

  constructor(facts: AnswerFacts) {
    this.#facts = facts
    this.status = facts.status
    this.body = facts.body
    this.storedAt = facts.storedAt
  }

  /** Playlists only: media is compressed already. */
  get compressible(): boolean {
    return this.body.length >= gzipFromBytes && this.#facts.contentType.startsWith('application/vnd.apple.mpegurl')
  }

  /** Seconds this may be kept, by its own Cache-Control; 0: not at all. RFC 9111 section 5.2.2. */
  get maxAgeSeconds(): number {
    const { status, cacheControl } = this.#facts
    if (status !== 200 || /no-store|no-cache|private/.test(cacheControl)) return 0
    const found = /(?:^|[\s,])max-age=(\d{1,9})/.exec(cacheControl)
    return Number(found?.[1] ?? 0)
  }

  /** The response's bytes at `now`; the common ones are built once a second and shared by everybody. */
  response(shape: ResponseShape, now: number): Buffer {
    const age = Math.max(0, Math.floor((now - this.storedAt) / 1_000))
    if (shape.headOnly || shape.close || shape.setCookie !== undefined || this.status !== 200)
      return this.#build(shape, age)
    if (age !== this.#readyAge) {
      this.#readyAge = age
      this.#ready.length = 0
    }
    const index = shape.gzip && this.compressible ? 1 : 0
    return (this.#ready[index] ??= this.#build(shape, age))
  }

  #build({ gzip, headOnly, close, setCookie }: ResponseShape, age: number): Buffer {
    const { status, contentType, cacheControl, date, retryAfterSeconds, allow } = this.#facts
    const compresses = gzip && this.compressible
    const body = compresses ? (this.#compressed ??= gzipSync(this.body, { level: gzipLevel })) : this.body
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `Date: ${(date ?? new Date()).toUTCString()}`,
      `Content-Type: ${contentType}`,
      `Content-Length: ${body.length}`,
      `Cache-Control: ${cacheControl}`,
      'Access-Control-Allow-Origin: *',
      'X-Content-Type-Options: nosniff',
    ]
    if (this.compressible) lines.push('Vary: Accept-Encoding')
    if (compresses) lines.push('Content-Encoding: gzip')
    if (age > 0 && status === 200) lines.push(`Age: ${age}`) // RFC 9111 section 5.1; players subtract it when they tune in
    if (retryAfterSeconds !== undefined) lines.push(`Retry-After: ${retryAfterSeconds}`)
    if (allow !== undefined) lines.push(`Allow: ${allow}`)
    if (setCookie !== undefined) lines.push(`Set-Cookie: ${setCookie}`)
    if (close) lines.push('Connection: close')
    const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
    if (headOnly) return head
    return (body === this.body ? this.#inRoom(head) : undefined) ?? Buffer.concat([head, body])
  }

  /** Puts a head into the room before the body. Once: that response may still be on its way when the next is built. */
  #inRoom(head: Buffer): Buffer | undefined {
    const { whole } = this.#facts
    const start = (whole?.length ?? 0) - this.body.length - head.length
    if (this.#roomTaken || whole === undefined || start < 0) return undefined
    this.#roomTaken = true
    head.copy(whole, start)
    return whole.subarray(start)
  }
}

/** A refusal of our own, as RFC 9457 problem details. */
export function refusal(
  status: number,
  code: string,
  detail: string,
  options: { retryAfterSeconds?: number; allow?: string } = {},
): Answer {
  return new Answer({
    status,
    contentType: 'application/problem+json',
    cacheControl: 'no-store',
    body: Buffer.from(JSON.stringify({ type: 'about:blank', status, code, detail })),
    storedAt: performance.now(),
    ...options,
  })
}
