/**
 * The last picture once more, as a picture of its own: a P slice that skips every macroblock and that nothing refers to.
 * It costs some twenty bytes, shows what was shown, and leaves the decoder as it was: what the encoder sends next, with or
 * without a key frame, is decoded as if nothing had come between.
 *
 * @see ITU-T H.264 7.3.3 (slice header), 8.2.1 (picture order count), 8.4.1.1 (skipped macroblocks)
 */
import { BitWriter, escapeNalUnit } from './bit-writer.ts'
import type { VideoConfig } from './codec.ts'
import { skipQp, writeSkippedCabac, writeSkippedRun } from './skip-slice.ts'
import {
  nalTypes,
  readPictureParameters,
  readSequenceParameters,
  readSliceHeader,
  type PictureParameters,
  type SequenceParameters,
  type SliceHeader,
} from './slice-header.ts'

/** Two of these would else be one picture to a decoder that looks for changes in slice headers. */
const delimiter = Buffer.from([nalTypes.accessUnitDelimiter, 0xf0])

/** Follows one video track's pictures, and repeats the last at any time. */
export class HeldPictures {
  readonly #lengthBytes: number
  readonly #sequences = new Map<number, SequenceParameters>()
  readonly #pictures = new Map<number, PictureParameters>()
  #last: SliceHeader | undefined
  #referenceFrameNum = 0
  #referenceOrder = { msb: 0, lsb: 0 }
  #highestOrder = 0 // since the last IDR picture

  /** @param config its record is an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1). */
  constructor({ record }: Pick<VideoConfig, 'record'>) {
    this.#lengthBytes = ((record[4] ?? 3) & 3) + 1
    let at = 5
    for (const mask of [0x1f, 0xff]) {
      const count = (record[at] ?? 0) & mask
      at += 1
      for (let index = 0; index < count && at + 2 <= record.length; index += 1) {
        const length = record.readUInt16BE(at)
        this.#learn(record.subarray(at + 2, at + 2 + length))
        at += 2 + length
      }
    }
  }

  /** The next picture of the encoder's, in decode order: length-prefixed NAL units. */
  saw(data: Buffer): void {
    for (let at = 0; at + this.#lengthBytes < data.length;) {
      const length = data.readUIntBE(at, this.#lengthBytes)
      const nal = data.subarray(at + this.#lengthBytes, at + this.#lengthBytes + length)
      at += this.#lengthBytes + length
      const type = (nal[0] ?? 0) & 0x1f
      if (type === nalTypes.sps || type === nalTypes.pps) this.#learn(nal)
      if (type !== nalTypes.slice && type !== nalTypes.idr) continue
      this.#follow(nal)
      return // the others of this picture say the same
    }
  }

  /** False for pictures of fields or slice groups, and before the first one. */
  get canRepeat(): boolean {
    return this.#parameters() !== undefined
  }

  /** @returns the picture's data; undefined where it cannot be made. */
  next(): Buffer | undefined {
    const { last, picture, sequence } = this.#parameters() ?? {}
    if (last === undefined || picture === undefined || sequence === undefined) return undefined
    const slice = Buffer.from(escapeNalUnit(this.#slice(last, picture, sequence)))
    return Buffer.concat([delimiter, slice].flatMap((nal) => [this.#lengthOf(nal), nal]))
  }

  #parameters() {
    const last = this.#last
    const picture = last && this.#pictures.get(last.pictureId)
    const sequence = picture && this.#sequences.get(picture.sequenceId)
    return sequence && { last, picture, sequence }
  }

  #lengthOf(nal: Buffer): Buffer {
    const length = Buffer.alloc(this.#lengthBytes)
    length.writeUIntBE(nal.length, 0, this.#lengthBytes)
    return length
  }

  #slice(last: SliceHeader, picture: PictureParameters, sequence: SequenceParameters): Uint8Array {
    const out = new BitWriter()
    out.bits(nalTypes.slice, 8) // nal_ref_idc 0
    out.unsignedGolomb(0) // first_mb_in_slice
    out.unsignedGolomb(0) // slice_type: P
    out.unsignedGolomb(last.pictureId)
    out.bits((this.#referenceFrameNum + 1) % 2 ** sequence.frameNumBits, sequence.frameNumBits)
    out.bits((this.#highestOrder + 1) & (2 ** sequence.orderCountBits - 1), sequence.orderCountBits)
    if (sequence.orderCountType === 0 && picture.hasBottomOrder) out.signedGolomb(0)
    if (sequence.hasOrderDeltas) for (const _ of picture.hasBottomOrder ? [0, 1] : [0]) out.signedGolomb(0)
    if (picture.hasRedundantCount) out.unsignedGolomb(0)
    out.bit(1) // num_ref_idx_active_override_flag:
    out.unsignedGolomb(0) // one picture is referred to, the last in decoding order
    out.bit(0) // ref_pic_list_modification_flag_l0
    if (picture.isWeighted) {
      for (const _ of sequence.hasChroma ? [0, 1] : [0]) out.unsignedGolomb(0) // denominators
      for (const _ of sequence.hasChroma ? [0, 1] : [0]) out.bit(0) // no weights
    }
    if (picture.isCabac) out.unsignedGolomb(0) // cabac_init_idc
    out.signedGolomb(skipQp - picture.initialQp)
    if (picture.hasDeblockingControl) out.unsignedGolomb(1) // disabled
    if (picture.isCabac) writeSkippedCabac(out, sequence.macroblocks)
    else writeSkippedRun(out, sequence.macroblocks)
    return out.bytes()
  }

  #learn(nal: Uint8Array): void {
    const type = (nal[0] ?? 0) & 0x1f
    const sequence = type === nalTypes.sps ? readSequenceParameters(nal) : undefined
    const picture = type === nalTypes.pps ? readPictureParameters(nal) : undefined
    if (sequence !== undefined) this.#sequences.set(sequence.id, sequence)
    if (picture !== undefined) this.#pictures.set(picture.id, picture)
  }

  #follow(nal: Uint8Array): void {
    const header = readSliceHeader(nal, {
      picture: (id) => this.#pictures.get(id),
      sequence: (id) => this.#sequences.get(id),
    })
    this.#last = header
    if (header === undefined) return
    const picture = this.#pictures.get(header.pictureId)
    const { orderCountBits = 0 } = this.#sequences.get(picture?.sequenceId ?? -1) ?? {}
    const msb = header.isIdr ? 0 : this.#orderMsb(header.orderCountLsb, 2 ** orderCountBits)
    const order = msb + header.orderCountLsb
    this.#highestOrder = header.isIdr ? order : Math.max(this.#highestOrder, order)
    if (!header.isReference) return
    this.#referenceFrameNum = header.frameNum
    this.#referenceOrder = { msb, lsb: header.orderCountLsb }
  }

  /** PicOrderCntMsb (8.2.1.1). */
  #orderMsb(lsb: number, modulus: number): number {
    const { msb, lsb: before } = this.#referenceOrder
    if (lsb < before && before - lsb >= modulus / 2) return msb + modulus
    if (lsb > before && lsb - before > modulus / 2) return msb - modulus
    return msb
  }
}
