import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aacRecords } from '../testing/flv-messages.ts'
import { parseAacConfig } from './aac.ts'

test('rate, channels, codec string and a frame of silence come from the AudioSpecificConfig', () => {
  const stereo = parseAacConfig(aacRecords.stereo48)
  assert.deepEqual(
    [stereo?.sampleRate, stereo?.channels, stereo?.codec, stereo?.frameSamples],
    [48_000, 2, 'mp4a.40.2', 1024],
  )
  const mono = parseAacConfig(aacRecords.mono44)
  assert.deepEqual([mono?.sampleRate, mono?.channels], [44_100, 1])
  assert.ok(stereo?.silence && mono?.silence)
})

test('a truncated configuration is refused', () => {
  assert.equal(parseAacConfig(Buffer.from([0x11])), undefined)
  assert.equal(parseAacConfig(Buffer.alloc(0)), undefined)
})
