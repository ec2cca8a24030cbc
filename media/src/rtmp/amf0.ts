/**
 * Reads AMF0 values from bytes nobody vouches for: every length is checked against what is there, nesting is
 * bounded, and objects have no prototype, so that a property named `__proto__` is only a name.
 *
 * @see AMF 0 Specification (Adobe, 2007), section 2
 */
import { RtmpProtocolError } from './protocol-error.ts'

export type AmfValue = number | boolean | string | null | undefined | AmfValue[] | AmfObject
export interface AmfObject {
  [name: string]: AmfValue
}

const objectEnd = 0x09
const switchToAmf3 = 0x11 // "avmplus-object"

/** Where a read stands: bytes, the next position, and how much deeper values may nest. */
interface Cursor {
  readonly bytes: Buffer
  position: number
}

/**
 * Reads all values in `bytes`, one after the other, up to the first that is AMF3: nothing an encoder says needs those.
 *
 * @throws {RtmpProtocolError} `amf_truncated`, `amf_too_deep` or `amf_unknown_type`.
 */
export function readAmf0(bytes: Buffer, maxDepth: number): AmfValue[] {
  const cursor: Cursor = { bytes, position: 0 }
  const values: AmfValue[] = []
  while (cursor.position < bytes.length && bytes[cursor.position] !== switchToAmf3) {
    values.push(readValue(cursor, maxDepth))
  }
  return values
}

/** Reads the string that `bytes` start with, and where it ends; null where they start with something else. */
export function readAmf0Name(bytes: Buffer): { name: string; end: number } | null {
  if (bytes[0] !== 0x02) return null
  const cursor: Cursor = { bytes, position: 1 }
  const name = readString(cursor, readUnsigned(cursor, 2))
  return { name, end: cursor.position }
}

/** True for an AMF object: not null, not an array. */
export function isAmfObject(value: AmfValue): value is AmfObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readValue(cursor: Cursor, depth: number): AmfValue {
  if (depth <= 0) throw new RtmpProtocolError('amf_too_deep', 'AMF0 value nested too deep')
  const type = readUnsigned(cursor, 1)
  switch (type) {
    case 0x00:
      return cursor.bytes.readDoubleBE(advance(cursor, 8))
    case 0x01:
      return readUnsigned(cursor, 1) !== 0
    case 0x02:
      return readString(cursor, readUnsigned(cursor, 2))
    case 0x03:
      return readProperties(cursor, depth)
    case 0x05:
      return null
    case 0x06:
    case 0x0d: // unsupported
      return undefined
    case 0x07: // reference: nothing an encoder says needs one
      advance(cursor, 2)
      return undefined
    case 0x08: // ECMA array: the count is a hint only
      advance(cursor, 4)
      return readProperties(cursor, depth)
    case 0x0a:
      return readArray(cursor, depth)
    case 0x0b: {
      const milliseconds = cursor.bytes.readDoubleBE(advance(cursor, 8))
      advance(cursor, 2) // time zone, reserved
      return milliseconds
    }
    case 0x0c:
    case 0x0f: // XML document: a long string
      return readString(cursor, readUnsigned(cursor, 4))
    case 0x10: // typed object: the class name says nothing to us
      readString(cursor, readUnsigned(cursor, 2))
      return readProperties(cursor, depth)
    default:
      throw new RtmpProtocolError('amf_unknown_type', `AMF0 type ${type} is not known`)
  }
}

function readProperties(cursor: Cursor, depth: number): AmfObject {
  const object: AmfObject = Object.create(null)
  for (;;) {
    const name = readString(cursor, readUnsigned(cursor, 2))
    if (name === '' && cursor.bytes[cursor.position] === objectEnd) {
      cursor.position += 1
      return object
    }
    object[name] = readValue(cursor, depth - 1)
  }
}

function readArray(cursor: Cursor, depth: number): AmfValue[] {
  const count = readUnsigned(cursor, 4)
  if (count > cursor.bytes.length - cursor.position) throw truncated() // a value takes a byte at least
  const values: AmfValue[] = []
  for (let index = 0; index < count; index++) values.push(readValue(cursor, depth - 1))
  return values
}

function readString(cursor: Cursor, length: number): string {
  const start = advance(cursor, length)
  return cursor.bytes.toString('utf8', start, start + length)
}

function readUnsigned(cursor: Cursor, size: 1 | 2 | 4): number {
  return cursor.bytes.readUIntBE(advance(cursor, size), size)
}

function advance(cursor: Cursor, size: number): number {
  const start = cursor.position
  if (start + size > cursor.bytes.length) throw truncated()
  cursor.position = start + size
  return start
}

function truncated(): RtmpProtocolError {
  return new RtmpProtocolError('amf_truncated', 'AMF0 value is longer than its message')
}
