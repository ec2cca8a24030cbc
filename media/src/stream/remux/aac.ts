/** AAC: what the AudioSpecificConfig says, and frames of silence to fill holes with. */
import { BitReader } from './bit-reader.ts'
import { elementaryStreamDescriptor } from './boxes.ts'
import type { AudioConfig } from './codec.ts'
import { silentAac } from './silent-aac.ts'

const sampleRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350]

/** HE-AAC, without and with parametric stereo: a core of another type with an extension that is told first. */
const extended = new Set([5, 29])
const lowComplexity = 2

/**
 * Reads an AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1).
 *
 * @returns undefined when it is truncated or names no known sample rate.
 */
export function parseAacConfig(record: Buffer): AudioConfig | undefined {
  if (record.length < 2) return undefined
  const reader = new BitReader(record)
  const objectType = readObjectType(reader)
  const sampleRate = readSampleRate(reader)
  const channelConfiguration = reader.bits(4)
  let coreType = objectType
  if (extended.has(objectType)) {
    readSampleRate(reader) // what comes out of a decoder that knows the extension
    coreType = readObjectType(reader)
  }
  const shortFrames = coreType === lowComplexity && reader.flag()
  if (reader.exhausted || sampleRate === undefined || sampleRate < 7350 || objectType === 0) return undefined
  const channels = channelConfiguration === 7 ? 8 : channelConfiguration
  return {
    record: Buffer.from(record),
    codec: `mp4a.40.${objectType}`,
    sampleRate,
    channels: Math.max(1, channels),
    frameSamples: shortFrames ? 960 : 1024,
    silence: coreType === lowComplexity ? silentAac(channelConfiguration) : undefined,
    sampleEntry: { type: 'mp4a', configuration: elementaryStreamDescriptor(record) },
  }
}

function readSampleRate(reader: BitReader): number | undefined {
  const index = reader.bits(4)
  return index === 15 ? reader.bits(24) : sampleRates[index]
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5)
  return type === 31 ? 32 + reader.bits(6) : type
}
