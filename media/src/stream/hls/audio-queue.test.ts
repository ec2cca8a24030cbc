import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AudioQueue } from './audio-queue.ts'

const track = {
  codec: 'mp4a.40.2',
  sampleEntry: { type: 'mp4a', configuration: Buffer.alloc(0) },
  sampleRate: 48_000,
  channels: 2,
  frameSamples: 1024,
  record: Buffer.from([0x11, 0x90]),
  silence: Buffer.from([0]),
}
const unit = (time: number) => ({ time, duration: 1024, data: Buffer.from([1]) })

test('a part takes the sound that begins before its end, and the rest waits', () => {
  const queue = new AudioQueue()
  queue.restart(track, 0)
  for (let index = 0; index < 4; index += 1) assert.equal(queue.push(unit(index * 1024)), true)
  assert.deepEqual(
    queue.takeUntil(3840).map(({ time }) => time),
    [0, 1024],
  ) // 2 units are 3,840 ticks
  assert.equal(queue.endTicks, 7680)
})

test('silence fills up to where it is needed, and sound that reaches back under it is not taken', () => {
  const queue = new AudioQueue()
  queue.restart(track, 0)
  queue.fillSilence(2000)
  assert.equal(queue.push(unit(1024)), false)
  assert.equal(queue.push(unit(2048)), true)
  assert.deepEqual(
    queue.takeUntil(90_000).map(({ data }) => data[0]),
    [0, 0, 1],
  )
  assert.ok(queue.isEmpty)
})

test('without a sound track nothing is taken and nothing is made up', () => {
  const queue = new AudioQueue()
  queue.restart(undefined, 90_000)
  queue.fillSilence(180_000)
  assert.equal(queue.push(unit(0)), false)
  assert.ok(queue.isEmpty)
})
