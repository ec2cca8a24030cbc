/** What viewers get: one immutable body shared by all who asked for the same thing. */
import { STATUS_CODES } from 'node:http'
import { gzipSync } from 'node:zlib'
import { type ResponseBytes, responseBytes } from './http/response-bytes.ts'

const gzipFromBytes = 300
const gzipLevel = 3 // playlists repeat themselves: more gains little and costs the release of held requests
/** A body of more is never copied behind a head; writing two pieces costs a little more CPU than writing one. */
const copiedBytes = 4 * 1024
/** Room before a body for the head of a response: that is in one piece without a copy. The longest has some 470. */
export const headRoomBytes = 640

/** What of a viewer's request changes a response's bytes. */
export interface ResponseShape {
  readonly gzip: boolean
  readonly headOnly: boolean
  readonly close: boolean
  readonly setCookie?: string
}

/** Whether a connection may still have to send some of this memory. */
export type IsSent = (memory: ArrayBufferLike) => boolean
const always: IsSent = () => true

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

/** A body and the room before it, for one head at a time. */
interface Body {
  readonly bytes: Buffer
  readonly whole: Buffer | undefined
  roomTaken: boolean
}

/** A response as the Pod gave it, or an error of our own; compressed once, when the first viewer takes gzip. */
export class Answer {
  readonly status: number
  readonly body: Buffer
  readonly storedAt: number
  readonly #facts: AnswerFacts
  readonly #plain: Body
  #compressed: Body | undefined
  /** Playlists only: media is compressed already. */
  readonly compressible: boolean
  // Ready to be written, and the Age they carry.
  #readyPlain: ResponseBytes | undefined
  #readyGzip: ResponseBytes | undefined
  #readyAge = 0

  constructor(facts: AnswerFacts) {
    this.#facts = facts
    this.status = facts.status
    this.body = facts.body
    this.storedAt = facts.storedAt
    this.compressible =
      facts.body.length >= gzipFromBytes && facts.contentType.startsWith('application/vnd.apple.mpegurl')
    this.#plain = { bytes: facts.body, whole: facts.whole, roomTaken: false }
  }

  /** The most memory that this answer will take, whoever asks for it: bodies with their room, and what is ready. */
  get mostBytes(): number {
    const ready = headRoomBytes + Math.min(this.body.length, copiedBytes)
    const plain = (this.#facts.whole?.length ?? this.body.length) + ready
    return this.compressible ? plain + headRoomBytes + this.body.length + ready : plain
  }

  /** Seconds this may be kept, by its own Cache-Control; 0: not at all. RFC 9111 section 5.2.2. */
  get maxAgeSeconds(): number {
    const { status, cacheControl } = this.#facts
    if (status !== 200 || /no-store|no-cache|private/.test(cacheControl)) return 0
    const found = /(?:^|[\s,])max-age=(\d{1,9})/.exec(cacheControl)
    return Number(found?.[1] ?? 0)
  }

  /**
   * The response's bytes at `now`; the common ones are built once a second and shared by everybody. They are good until
   * the next response of this answer is asked for, or as long as `isSent` knows of who still sends them.
   */
  response(shape: ResponseShape, now: number, isSent: IsSent = always): ResponseBytes {
    const age = Math.max(0, Math.floor((now - this.storedAt) / 1_000))
    if (shape.headOnly || shape.close || shape.setCookie !== undefined || this.status !== 200)
      return this.#build(shape, age)
    if (age !== this.#readyAge) {
      this.#readyAge = age
      this.#readyPlain = this.#readyGzip = undefined
    }
    if (shape.gzip && this.compressible) return (this.#readyGzip ??= this.#build(shape, age, isSent))
    return (this.#readyPlain ??= this.#build(shape, age, isSent))
  }

  #build({ gzip, headOnly, close, setCookie }: ResponseShape, age: number, isSent?: IsSent): ResponseBytes {
    const { status, contentType, cacheControl, date, retryAfterSeconds, allow } = this.#facts
    const compresses = gzip && this.compressible
    const body = compresses ? (this.#compressed ??= compressed(this.body)) : this.#plain
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `Date: ${(date ?? new Date()).toUTCString()}`,
      `Content-Type: ${contentType}`,
      `Content-Length: ${body.bytes.length}`,
      `Cache-Control: ${setCookie === undefined ? cacheControl : privateOf(cacheControl)}`,
      'Access-Control-Allow-Origin: *',
      'Access-Control-Expose-Headers: Age, Content-Length, Date, Retry-After',
      'Timing-Allow-Origin: *',
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
    if (headOnly) return responseBytes(head)
    const inRoom = isSent === undefined ? undefined : putInRoom(body, head, isSent)
    if (inRoom !== undefined) return responseBytes(inRoom)
    if (body.bytes.length > copiedBytes) return responseBytes(head, body.bytes)
    return responseBytes(Buffer.concat([head, body.bytes]))
  }
}

/** Puts a head into the room before the body, unless the one that is there may still be on its way. */
function putInRoom(body: Body, head: Buffer, isSent: IsSent): Buffer | undefined {
  const { bytes, whole, roomTaken } = body
  const start = (whole?.length ?? 0) - bytes.length - head.length
  if (whole === undefined || start < 0 || (roomTaken && isSent(whole.buffer))) return undefined
  body.roomTaken = true
  head.copy(whole, start)
  return whole.subarray(start)
}

function compressed(plain: Buffer): Body {
  const packed = gzipSync(plain, { level: gzipLevel })
  const whole = Buffer.allocUnsafeSlow(headRoomBytes + packed.length)
  packed.copy(whole, headRoomBytes)
  return { bytes: whole.subarray(headRoomBytes), whole, roomTaken: false }
}

/** What a response with one viewer's cookie may say: no shared cache keeps it, RFC 9111 section 5.2.2.7. */
function privateOf(cacheControl: string): string {
  const kept = cacheControl.split(/\s*,\s*/).filter((directive) => !/^(?:public|private|s-maxage=.*)$/i.test(directive))
  return ['private', ...kept].join(', ')
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
