/** AAC: what the AudioSpecificConfig says, and frames of silence to fill holes with. */
import { BitReader } from './bit-reader.ts'

/** An audio track as its sequence header describes it. */
export interface AudioConfig {
  /** AudioSpecificConfig, verbatim (ISO/IEC 14496-3 1.6.2.1). */
  record: Buffer
  /** RFC 6381 codec string, e.g. `mp4a.40.2`. */
  codec: string
  /** Samples per second of the core stream; also the track's timescale. */
  sampleRate: number
  channels: number
  /** Samples in one access unit: 1024, or 960. */
  frameSamples: number
  /** One access unit of silence, if one is known for this configuration. */
  silence: Buffer | undefined
}

const sampleRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350]

/** A single AAC-LC access unit of digital silence by channel count: an empty ics_info with zero scale factors. */
const silentFrames: Readonly<Record<number, string>> = Object.freeze({
  1: '00c800802380',
  2: '21004990021900238000',
})

/**
 * Reads an AudioSpecificConfig.
 *
 * @returns undefined when it is truncated or names no known sample rate.
 */
export function parseAacConfig(record: Buffer): AudioConfig | undefined {
  if (record.length < 2) return undefined
  const reader = new BitReader(record)
  const objectType = readObjectType(reader)
  const rateIndex = reader.bits(4)
  const sampleRate = rateIndex === 15 ? reader.bits(24) : sampleRates[rateIndex]
  const channelConfiguration = reader.bits(4)
  const shortFrames = objectType === 2 && reader.flag()
  if (reader.exhausted || sampleRate === undefined || sampleRate < 7350 || objectType === 0) return undefined
  const channels = channelConfiguration === 7 ? 8 : channelConfiguration
  const silence = objectType === 2 ? silentFrames[channels] : undefined
  return {
    record: Buffer.from(record),
    codec: `mp4a.40.${objectType}`,
    sampleRate,
    channels: Math.max(1, channels),
    frameSamples: shortFrames ? 960 : 1024,
    silence: silence === undefined || shortFrames ? undefined : Buffer.from(silence, 'hex'),
  }
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5)
  return type === 31 ? 32 + reader.bits(6) : type
}
