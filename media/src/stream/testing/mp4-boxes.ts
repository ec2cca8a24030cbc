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
