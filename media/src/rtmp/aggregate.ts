/** Takes an aggregate message apart (RTMP 7.1.6): FLV tags one after the other, as Flash Media Server passes them on. */
import { RtmpProtocolError } from './protocol-error.ts'

const tagHeaderBytes = 11
const backPointerBytes = 4

/** One message of an aggregate; `timestampMs` is unsigned 32 bits. */
export interface AggregatedMessage {
  readonly type: number
  readonly timestampMs: number
  readonly body: Buffer
}

/**
 * @param timestampMs the aggregate's own time, which is its first message's; theirs only tell how far they are apart.
 * @throws {RtmpProtocolError} a message is longer than its aggregate.
 */
export function readAggregate(payload: Buffer, timestampMs: number): AggregatedMessage[] {
  const messages: AggregatedMessage[] = []
  let first: number | undefined
  for (let at = 0; at + tagHeaderBytes <= payload.length;) {
    const length = payload.readUIntBE(at + 1, 3)
    const from = at + tagHeaderBytes
    if (from + length > payload.length)
      throw new RtmpProtocolError('bad_aggregate', 'message longer than its aggregate')
    const ownMs = payload.readUIntBE(at + 4, 3) + payload.readUInt8(at + 7) * 0x100_0000
    first ??= ownMs
    messages.push({
      type: payload.readUInt8(at),
      timestampMs: (timestampMs + ownMs - first) >>> 0,
      body: payload.subarray(from, from + length),
    })
    at = from + length + backPointerBytes
  }
  return messages
}
