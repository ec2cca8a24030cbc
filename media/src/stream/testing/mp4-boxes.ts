/** Takes MP4 bytes apart again, for tests and benches that check what was served. */

export interface Mp4Box {
  type: string
  payload: Buffer
}

/** The boxes that `bytes` consists of. @throws if they do not fill it exactly. */
export function boxesOf(bytes: Buffer): Mp4Box[] {
  const boxes: Mp4Box[] = []
  let at = 0
  while (at < bytes.length) {
    const length = bytes.readUInt32BE(at)
    if (length < 8 || at + length > bytes.length)
      throw new Error(`A box of ${length} bytes at ${at} of ${bytes.length}`)
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), payload: bytes.subarray(at + 8, at + length) })
    at += length
  }
  return boxes
}

/** The first box of `type`. @throws if there is none. */
export function findBox(bytes: Buffer, type: string): Mp4Box {
  const found = boxesOf(bytes).find((candidate) => candidate.type === type)
  if (found === undefined) throw new Error(`No ${type} box`)
  return found
}

/** Start and duration of one track in one fragment, in its timescale. */
export interface TrackRun {
  trackId: number
  start: number
  duration: number
  samples: number
}

/** What each traf of a part or segment covers, in order. */
export function trackRuns(media: Buffer): TrackRun[] {
  const runs: TrackRun[] = []
  for (const moof of boxesOf(media).filter(({ type }) => type === 'moof')) {
    for (const traf of boxesOf(moof.payload).filter(({ type }) => type === 'traf')) {
      const trun = findBox(traf.payload, 'trun').payload
      const flags = trun.readUInt32BE(0) & 0xff_ff_ff
      const samples = trun.readUInt32BE(4)
      const entryBytes = 4 * [0x100, 0x200, 0x400, 0x800].filter((bit) => (flags & bit) !== 0).length
      let duration = 0
      for (let index = 0; index < samples; index += 1) duration += trun.readUInt32BE(12 + index * entryBytes)
      runs.push({
        trackId: findBox(traf.payload, 'tfhd').payload.readUInt32BE(4),
        start: Number(findBox(traf.payload, 'tfdt').payload.readBigUInt64BE(4)),
        duration,
        samples,
      })
    }
  }
  return runs
}

/** One sample of a fragment; times in its track's timescale. */
export interface TrackSample {
  trackId: number
  time: number
  duration: number
  compositionOffset: number
  data: Buffer
}

/** Every sample of a part or segment, fragment by fragment. */
export function trackSamples(media: Buffer): TrackSample[] {
  const found: TrackSample[] = []
  let at = 0
  for (const { type, payload } of boxesOf(media)) {
    if (type === 'moof') {
      for (const traf of boxesOf(payload).filter((box) => box.type === 'traf'))
        found.push(...samplesOf(traf, media, at))
    }
    at += 8 + payload.length
  }
  return found
}

function samplesOf(traf: Mp4Box, media: Buffer, moofAt: number): TrackSample[] {
  const trun = findBox(traf.payload, 'trun').payload
  const flags = trun.readUInt32BE(0) & 0xff_ff_ff
  const trackId = findBox(traf.payload, 'tfhd').payload.readUInt32BE(4)
  let time = Number(findBox(traf.payload, 'tfdt').payload.readBigUInt64BE(4))
  let dataAt = moofAt + trun.readInt32BE(8)
  let at = 12
  const next = (flag: number) => {
    if ((flags & flag) === 0) return 0
    at += 4
    return trun.readInt32BE(at - 4)
  }
  return Array.from({ length: trun.readUInt32BE(4) }, () => {
    const [duration, size] = [next(0x100), next(0x200)]
    next(0x400)
    const sample = {
      trackId,
      time,
      duration,
      compositionOffset: next(0x800),
      data: media.subarray(dataAt, dataAt + size),
    }
    time += duration
    dataAt += size
    return sample
  })
}
