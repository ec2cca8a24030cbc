import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { PublishSignal } from '../http/publish-signal.ts'
import { RenditionOutput } from '../output.ts'
import { parseAvcConfig } from '../remux/avc.ts'
import { avcRecords } from '../testing/flv-messages.ts'
import { RungLadder } from './rung-ladder.ts'

const frameTicks = 3000
const partFrames = 15

test('a ladder whose encoder gives nothing sheds its rungs one by one, and has them back once the machine is idle', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-ladder-test-'))
  let idleCores = 0
  const ladder = new RungLadder({
    wanted: [
      { height: 480, bitrateBps: 1_000_000 },
      { height: 360, bitrateBps: 500_000 },
    ],
    preset: 'ultrafast',
    log: createLogger({ service: 'ladder-test', level: 'error' }),
    ffmpegPath: '/bin/true', // ends at once, as an encoder that is killed again and again
    idleCores: () => idleCores,
    output: (name) =>
      new RenditionOutput({
        name,
        targetDurationSeconds: 2,
        dvrWindowSeconds: 60,
        directory,
        signal: new PublishSignal(),
        onError: () => undefined,
      }),
  })
  t.after(async () => {
    await ladder.close()
    await rm(directory, { recursive: true, force: true })
  })
  let frame = 0
  /** Seconds of a source, as fast as they can be given. */
  const play = (seconds: number) => {
    for (const until = frame + seconds * 30; frame < until; frame += 1) {
      const nowMs = (frame * 1000) / 30
      const dts = frame * frameTicks
      const sample = { dts, pts: dts, duration: frameTicks, keyFrame: frame % 60 === 0, data: Buffer.alloc(8) }
      ladder.feed(sample, nowMs)
      if (frame % partFrames !== partFrames - 1) continue
      const startTicks = (frame - partFrames + 1) * frameTicks
      const place = { mediaSequenceNumber: 1, partIndex: (frame + 1) / partFrames - 1, epoch: 0 }
      const timing = { startTicks, durationTicks: partFrames * frameTicks, presentationTicks: startTicks }
      const part = { kind: 'media' as const, ...place, ...timing, independent: false, video: [sample], audio: [] }
      ladder.cut([{ type: 'part', part }], nowMs)
    }
  }
  ladder.epoch(parseAvcConfig(avcRecords.hd30), frameTicks, 0)
  assert.deepEqual(ladder.wanted, ['480p', '360p'])
  play(13)
  assert.deepEqual(ladder.wanted, ['360p'])
  play(7)
  assert.deepEqual(ladder.wanted, [])
  play(60)
  assert.deepEqual(ladder.wanted, [], 'no processor is idle')
  idleCores = 1.5
  play(31)
  assert.deepEqual(ladder.wanted, ['360p'])
})
