import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aacRecords } from '../testing/flv-messages.ts'
import { parseAacConfig } from './aac.ts'
import { AudioClock } from './audio-clock.ts'

const unit = Buffer.from('aabb', 'hex')

function clock() {
  const config = parseAacConfig(aacRecords.stereo48)
  assert.ok(config)
  return { clock: new AudioClock(config), silence: config.silence }
}

const stampMs = (index: number) => Math.round((index * 1024_000) / 48_000)

test('units stamped in whole milliseconds join without a gap', () => {
  const { clock: audio } = clock()
  for (let index = 0; index < 500; index += 1) {
    const [sample, ...more] = audio.place(stampMs(index) * 90, unit)
    assert.equal(sample?.time, index * 1024)
    assert.equal(more.length, 0)
  }
})

test('a hole is filled with silence up to where the encoder goes on', () => {
  const { clock: audio, silence } = clock()
  audio.place(0, unit)
  const samples = audio.place(stampMs(51) * 90, unit)
  assert.equal(samples.length, 51)
  assert.ok(samples.slice(0, -1).every((sample) => sample.data === silence))
  assert.equal(samples.at(-1)?.time, 51 * 1024)
})

test('a lost unit is made up for within ten more, so drift stays under 20 ms', () => {
  const { clock: audio } = clock()
  let samples = 0
  for (let index = 0; index < 100; index += 1)
    if (index !== 40) samples += audio.place(stampMs(index) * 90, unit).length
  assert.equal(samples, 100)
})

test('units that overlap what was already played are dropped', () => {
  const { clock: audio } = clock()
  for (let index = 0; index < 10; index += 1) audio.place(stampMs(index) * 90, unit)
  assert.deepEqual(audio.place(0, unit), [])
})
