/** H.264 parameter sets and slice headers, as far as a picture that goes between two others must know them. */
import { BitReader, unescapeNalUnit } from './bit-reader.ts'
import { skipScalingLists } from './avc.ts'

/** NAL unit types (ITU-T H.264 table 7-1). */
export const nalTypes = Object.freeze({ slice: 1, idr: 5, sps: 7, pps: 8, accessUnitDelimiter: 9 })

const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

/** A sequence parameter set of whole pictures (no fields) in one colour plane set. */
export interface SequenceParameters {
  id: number
  hasChroma: boolean
  frameNumBits: number
  orderCountType: number
  orderCountBits: number // of type 0
  hasOrderDeltas: boolean // of type 1
  macroblocks: number
}

export interface PictureParameters {
  id: number
  sequenceId: number
  isCabac: boolean
  hasBottomOrder: boolean
  isWeighted: boolean
  initialQp: number
  hasDeblockingControl: boolean
  hasRedundantCount: boolean
}

/** What a picture's first slice says of the picture. */
export interface SliceHeader {
  isReference: boolean
  isIdr: boolean
  pictureId: number
  frameNum: number
  orderCountLsb: number
}

/** @returns undefined for a truncated one, and for pictures of fields or separate colour planes. */
export function readSequenceParameters(nal: Uint8Array): SequenceParameters | undefined {
  const reader = new BitReader(unescapeNalUnit(nal))
  reader.skip(8)
  const profile = reader.bits(8)
  reader.skip(16) // constraint flags, level
  const id = reader.unsignedGolomb()
  let chromaFormat = 1
  if (highProfiles.has(profile)) {
    chromaFormat = reader.unsignedGolomb()
    if (chromaFormat === 3 && reader.flag()) return undefined
    reader.unsignedGolomb() // bit_depth_luma_minus8
    reader.unsignedGolomb() // bit_depth_chroma_minus8
    reader.skip(1)
    if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 ? 12 : 8)
  }
  const frameNumBits = reader.unsignedGolomb() + 4
  const orderCountType = reader.unsignedGolomb()
  let orderCountBits = 0
  let hasOrderDeltas = false
  if (orderCountType === 0) orderCountBits = reader.unsignedGolomb() + 4
  else if (orderCountType === 1) {
    hasOrderDeltas = !reader.flag()
    reader.signedGolomb()
    reader.signedGolomb()
    for (let left = Math.min(reader.unsignedGolomb(), 255); left > 0; left -= 1) reader.signedGolomb()
  }
  reader.unsignedGolomb() // max_num_ref_frames
  reader.skip(1)
  const width = reader.unsignedGolomb() + 1
  const macroblocks = width * (reader.unsignedGolomb() + 1)
  const isWhole = reader.flag() // frame_mbs_only_flag
  const isSound = !reader.exhausted && frameNumBits <= 16 && orderCountBits <= 16 && macroblocks <= 139_264
  if (!isWhole || !isSound) return undefined
  return {
    id,
    hasChroma: chromaFormat !== 0,
    frameNumBits,
    orderCountType,
    orderCountBits,
    hasOrderDeltas,
    macroblocks,
  }
}

/** @returns undefined for a truncated one, and where pictures are of slice groups. */
export function readPictureParameters(nal: Uint8Array): PictureParameters | undefined {
  const reader = new BitReader(unescapeNalUnit(nal))
  reader.skip(8)
  const id = reader.unsignedGolomb()
  const sequenceId = reader.unsignedGolomb()
  const isCabac = reader.flag()
  const hasBottomOrder = reader.flag()
  if (reader.unsignedGolomb() !== 0) return undefined
  reader.unsignedGolomb() // num_ref_idx_l0_default_active_minus1
  reader.unsignedGolomb() // num_ref_idx_l1_default_active_minus1
  const isWeighted = reader.flag()
  reader.skip(2)
  const initialQp = 26 + reader.signedGolomb()
  reader.signedGolomb() // pic_init_qs_minus26
  reader.signedGolomb() // chroma_qp_index_offset
  const hasDeblockingControl = reader.flag()
  reader.skip(1)
  const hasRedundantCount = reader.flag()
  if (reader.exhausted) return undefined
  return { id, sequenceId, isCabac, hasBottomOrder, isWeighted, initialQp, hasDeblockingControl, hasRedundantCount }
}

/** The longest a header can be up to its order count, with its emulation prevention. */
const headerBytes = 32

/** Reads the header of a slice of whole pictures up to its order count. */
export function readSliceHeader(
  nal: Uint8Array,
  sets: {
    picture: (id: number) => PictureParameters | undefined
    sequence: (id: number) => SequenceParameters | undefined
  },
): SliceHeader | undefined {
  const first = nal[0] ?? 0
  const isIdr = (first & 0x1f) === nalTypes.idr
  const reader = new BitReader(unescapeNalUnit(nal.subarray(0, headerBytes)))
  reader.skip(8)
  reader.unsignedGolomb() // first_mb_in_slice
  reader.unsignedGolomb() // slice_type
  const pictureId = reader.unsignedGolomb()
  const sequence = sets.sequence(sets.picture(pictureId)?.sequenceId ?? -1)
  if (sequence === undefined) return undefined
  const frameNum = reader.bits(sequence.frameNumBits)
  if (isIdr) reader.unsignedGolomb() // idr_pic_id
  const orderCountLsb = reader.bits(sequence.orderCountBits)
  if (reader.exhausted) return undefined
  return { isReference: (first & 0x60) !== 0, isIdr, pictureId, frameNum, orderCountLsb }
}
