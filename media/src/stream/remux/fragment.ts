/** One movie fragment (moof + mdat) out of video and audio samples; written in a single buffer, payload copied once. */
import { trackIds } from './boxes.ts'

/** One coded picture. Times in ticks of 1/90000 s on the packager's timeline. */
export interface VideoSample {
  dts: number
  pts: number
  duration: number
  keyFrame: boolean
  data: Buffer // length-prefixed NAL units
}

/** One AAC access unit. Times in samples (1/sampleRate s) on the packager's timeline. */
export interface AudioSample {
  time: number
  duration: number
  data: Buffer
}

/** What a fragment carries; an empty list leaves its track out of the fragment. */
export interface FragmentInput {
  sequenceNumber: number
  video: readonly VideoSample[]
  audio: readonly AudioSample[]
}

/** tfhd, tfdt and the trun header, with the traf header itself. */
const trafOverhead = 8 + 16 + 20 + 20
const videoEntryBytes = 16 // duration, size, flags, composition offset
const audioEntryBytes = 8 // duration, size
const syncSampleFlags = 0x0200_0000 // depends on no other
const nonSyncSampleFlags = 0x0101_0000 // depends on others, not a sync sample

/**
 * Builds a fragment with one traf per non-empty list.
 *
 * @returns moof and mdat in one buffer; an LL-HLS part is exactly one of these, a segment their concatenation.
 * @see ISO/IEC 14496-12 8.8
 */
export function fragment({ sequenceNumber, video, audio }: FragmentInput): Buffer {
  const videoTraf = video.length > 0 ? trafOverhead + video.length * videoEntryBytes : 0
  const audioTraf = audio.length > 0 ? trafOverhead + audio.length * audioEntryBytes : 0
  const moofLength = 8 + 16 + videoTraf + audioTraf
  const videoBytes = byteLength(video)
  const audioBytes = byteLength(audio)
  const mdatLength = 8 + videoBytes + audioBytes
  const out = Buffer.allocUnsafe(moofLength + mdatLength)
  let at = header(out, 0, moofLength, 'moof')
  at = header(out, at, 16, 'mfhd')
  at = out.writeUInt32BE(0, at)
  at = out.writeUInt32BE(sequenceNumber % 0x1_0000_0000, at)
  const firstVideo = video[0]
  if (firstVideo) {
    const dataOffset = moofLength + 8
    at = trafHeader(out, at, {
      length: videoTraf,
      trackId: trackIds.video,
      baseTime: firstVideo.dts,
      trunFlags: 0x00_0f_01,
      count: video.length,
      dataOffset,
    })
    for (const sample of video) {
      at = out.writeUInt32BE(sample.duration, at)
      at = out.writeUInt32BE(sample.data.length, at)
      at = out.writeUInt32BE(sample.keyFrame ? syncSampleFlags : nonSyncSampleFlags, at)
      at = out.writeInt32BE(sample.pts - sample.dts, at)
    }
  }
  const firstAudio = audio[0]
  if (firstAudio) {
    const dataOffset = moofLength + 8 + videoBytes
    at = trafHeader(out, at, {
      length: audioTraf,
      trackId: trackIds.audio,
      baseTime: firstAudio.time,
      trunFlags: 0x00_03_01,
      count: audio.length,
      dataOffset,
    })
    for (const sample of audio) {
      at = out.writeUInt32BE(sample.duration, at)
      at = out.writeUInt32BE(sample.data.length, at)
    }
  }
  at = header(out, at, mdatLength, 'mdat')
  for (const sample of video) at += sample.data.copy(out, at)
  for (const sample of audio) at += sample.data.copy(out, at)
  return out
}

interface TrafInput {
  length: number
  trackId: number
  baseTime: number
  trunFlags: number
  count: number
  dataOffset: number
}

function trafHeader(out: Buffer, start: number, traf: TrafInput): number {
  let at = header(out, start, traf.length, 'traf')
  at = header(out, at, 16, 'tfhd')
  at = out.writeUInt32BE(0x02_00_00, at) // default-base-is-moof
  at = out.writeUInt32BE(traf.trackId, at)
  at = header(out, at, 20, 'tfdt')
  at = out.writeUInt32BE(0x0100_0000, at) // version 1: 64-bit time
  at = out.writeBigUInt64BE(BigInt(traf.baseTime), at)
  at = header(out, at, traf.length - 8 - 16 - 20, 'trun')
  at = out.writeUInt32BE(0x0100_0000 + traf.trunFlags, at) // version 1: signed composition offsets
  at = out.writeUInt32BE(traf.count, at)
  return out.writeInt32BE(traf.dataOffset, at)
}

function header(out: Buffer, at: number, length: number, type: string): number {
  const next = out.writeUInt32BE(length, at)
  out.write(type, next, 'latin1')
  return next + 4
}

function byteLength(samples: readonly { data: Buffer }[]): number {
  let total = 0
  for (const sample of samples) total += sample.data.length
  return total
}
