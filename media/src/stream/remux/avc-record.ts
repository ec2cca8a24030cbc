/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1): taken apart, and made out of parameter sets. */
import { BitReader, unescapeNalUnit } from './bit-reader.ts'

/** Profiles whose record, and whose SPS, say more of colours (5.3.3.1.2). */
const highProfiles = new Set([100, 110, 122, 144, 244])
const mostSets = 31

/** Parameter sets, and how long a sample's lengths are in bytes. */
export interface ParameterSets {
  readonly sequence: readonly Buffer[]
  readonly picture: readonly Buffer[]
  readonly lengthBytes: number
}

/** @returns undefined for what is no such record; one without parameter sets is one. */
export function readAvcRecord(record: Buffer): ParameterSets | undefined {
  if (record.length < 6 || record[0] !== 1) return undefined
  const lengthBytes = ((record[4] ?? 0) & 3) + 1
  const sequence = readSets(record, 5, 0x1f)
  const picture = sequence && sequence.end < record.length ? readSets(record, sequence.end, 0xff) : undefined
  return { sequence: sequence?.sets ?? [], picture: picture?.sets ?? [], lengthBytes }
}

/** @returns undefined where a set is missing or no length fits it. */
export function avcRecordOf({ sequence, picture, lengthBytes }: ParameterSets): Buffer | undefined {
  const [first] = sequence
  const all = [...sequence, ...picture]
  if (first === undefined || first.length < 4 || picture.length === 0) return undefined
  if (sequence.length > mostSets || picture.length > mostSets || all.some(({ length }) => length > 0xffff))
    return undefined
  return Buffer.concat([
    Buffer.from([1]),
    first.subarray(1, 4), // profile, compatibility, level
    Buffer.from([0xfc | (lengthBytes - 1), 0xe0 | sequence.length]),
    ...sequence.flatMap(withLength),
    Buffer.from([picture.length]),
    ...picture.flatMap(withLength),
    colours(first),
  ])
}

function readSets(record: Buffer, start: number, mask: number): { sets: Buffer[]; end: number } | undefined {
  const sets: Buffer[] = []
  let at = start + 1
  for (let left = (record[start] ?? 0) & mask; left > 0; left -= 1) {
    if (at + 2 > record.length) return undefined
    const end = at + 2 + record.readUInt16BE(at)
    if (end > record.length) return undefined
    sets.push(record.subarray(at + 2, end))
    at = end
  }
  return { sets, end: at }
}

function withLength(set: Buffer): Buffer[] {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(set.length)
  return [length, set]
}

function colours(sps: Buffer): Buffer {
  const reader = new BitReader(unescapeNalUnit(sps))
  reader.skip(8)
  if (!highProfiles.has(reader.bits(8))) return Buffer.alloc(0)
  reader.skip(16) // constraints, level
  reader.unsignedGolomb() // seq_parameter_set_id
  const chromaFormat = reader.unsignedGolomb()
  if (chromaFormat === 3) reader.skip(1)
  const lumaDepth = reader.unsignedGolomb()
  const chromaDepth = reader.unsignedGolomb()
  return Buffer.from([0xfc | (chromaFormat & 3), 0xf8 | (lumaDepth & 7), 0xf8 | (chromaDepth & 7), 0])
}
