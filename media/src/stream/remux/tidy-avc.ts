/**
 * Brings H.264 as encoders send it to what FLV promises (Adobe FLV 10.1 E.4.3.1), so that nothing behind knows of it:
 *
 * - parameter sets only in the samples: a sequence header is made of them, before the picture that they came with;
 * - other ones in the samples than in the header: likewise, with a key frame;
 * - start codes instead of lengths, and empty NAL units: lengths, and none;
 * - samples without a picture (parameter sets, SEI, delimiters alone): left out;
 * - an IDR picture that its tag does not call a key frame: called one;
 * - a header with the parameter sets that are known: left out.
 *
 * What is as it should be is passed on as it is, and so is what cannot be understood.
 */
import { readVideoTag, type FlvTag } from '../../rtmp/flv-tag.ts'
import type { MediaMessage } from '../../rtmp/media-message.ts'
import { avcRecordOf, readAvcRecord, type ParameterSets } from './avc-record.ts'
import { isSlice, joinByLength, nalType, nalTypes, splitByLength, splitByStartCode } from '../../rtmp/nal-units.ts'

const usualLengthBytes = 4
const headerTag = Buffer.from('1700000000', 'hex')
const keyFrame = 1
const interFrame = 2

interface Sample {
  readonly nals: readonly Buffer[]
  readonly tidy: boolean // as it came
}

/** One connection's. */
export class TidyAvc {
  #sets: ParameterSets = { sequence: [], picture: [], lengthBytes: usualLengthBytes }

  /** @returns what to go on with instead of `message`, in order. */
  take(message: MediaMessage): MediaMessage[] {
    if (message.type !== 'video') return [message]
    const tag = readVideoTag(message.body)
    if (tag.packaged !== 'H.264') return [message]
    if (tag.role === 'header') return this.#header(message, tag)
    return tag.role === 'key' || tag.role === 'frame' ? this.#sample(message, tag) : [message]
  }

  #header(message: MediaMessage, { payloadAt }: FlvTag): MediaMessage[] {
    const record = message.body.subarray(payloadAt)
    const sets = readAvcRecord(record)
    if (sets === undefined) {
      const nals = splitByStartCode(record)
      return nals === undefined ? [message] : this.#learn(message, nals)
    }
    const known = this.#sets
    this.#sets = sets
    // Encoders repeat it, some with a set twice or in another order, which begins nothing anew.
    if (
      known.lengthBytes === sets.lengthBytes &&
      isSame(known.sequence, sets.sequence) &&
      isSame(known.picture, sets.picture)
    )
      return []
    return sets.sequence.length > 0 && sets.picture.length > 0 ? [message] : [] // they come with the pictures
  }

  #sample(message: MediaMessage, tag: FlvTag): MediaMessage[] {
    const sample = this.#split(message.body.subarray(tag.payloadAt))
    if (sample === undefined) return [message]
    const { nals, tidy } = sample
    const isIdr = nals.some((nal) => nalType(nal) === nalTypes.idr)
    const isPicture = isIdr || nals.some(isSlice)
    const learned = isIdr || tag.role === 'key' || !isPicture ? this.#learn(message, nals) : []
    if (!isPicture) return learned
    const isCalledKey = tag.role === 'key'
    if (tidy && (isCalledKey || !isIdr)) return [...learned, message]
    const data = joinByLength(nals, this.#sets.lengthBytes)
    if (data === undefined) return [message]
    const head = Buffer.from(message.body.subarray(0, tag.payloadAt))
    head[0] = ((head[0] ?? 0) & 0x8f) | ((isCalledKey || isIdr ? keyFrame : interFrame) << 4)
    return [...learned, { ...message, body: Buffer.concat([head, data]) }]
  }

  #split(data: Buffer): Sample | undefined {
    const nals = splitByLength(data, this.#sets.lengthBytes)
    const others = nals === undefined ? splitByStartCode(data) : nals.filter(({ length }) => length > 0)
    return others && { nals: others, tidy: others.length === nals?.length }
  }

  /** @returns a sequence header where the parameter sets among these are news. */
  #learn({ timestampMs }: MediaMessage, nals: readonly Buffer[]): MediaMessage[] {
    const known = this.#sets
    const sequence = nals.filter((nal) => nalType(nal) === nalTypes.sequenceParameters)
    const picture = nals.filter((nal) => nalType(nal) === nalTypes.pictureParameters)
    const isComplete = known.sequence.length > 0 && known.picture.length > 0
    const isNews = isComplete
      ? sequence.some((set) => !known.sequence.some((other) => other.equals(set)))
      : sequence.length + picture.length > 0
    if (!isNews) return []
    this.#sets = {
      sequence: sequence.length > 0 ? sequence.map((set) => Buffer.from(set)) : known.sequence,
      picture: picture.length > 0 ? picture.map((set) => Buffer.from(set)) : known.picture,
      lengthBytes: known.lengthBytes,
    }
    const record = avcRecordOf(this.#sets)
    return record === undefined ? [] : [{ type: 'video', timestampMs, body: Buffer.concat([headerTag, record]) }]
  }
}

function isSame(some: readonly Buffer[], others: readonly Buffer[]): boolean {
  const isAmong = (set: Buffer, of: readonly Buffer[]) => of.some((other) => other.equals(set))
  return some.length > 0 && some.every((set) => isAmong(set, others)) && others.every((set) => isAmong(set, some))
}
