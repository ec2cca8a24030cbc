import assert from 'node:assert/strict'
// oxlint-disable-next-line no-restricted-imports -- only a decoder can tell what is silence; nothing here waits for it
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { parseAacConfig } from './aac.ts'
import { initSegment } from './boxes.ts'
import { fragment } from './fragment.ts'
import { silentAac } from './silent-aac.ts'

const units = 20

/** Decodes a track of nothing but its own silence. @returns 16-bit samples, and what the decoder complains of. */
function decode(record: Buffer) {
  const audio = parseAacConfig(record)
  assert.ok(audio?.silence, `silence for ${record.toString('hex')}`)
  const { frameSamples: duration, silence: data } = audio
  const samples = Array.from({ length: units }, (_, index) => ({ time: index * duration, duration, data }))
  const input = Buffer.concat([initSegment({ audio }), fragment({ sequenceNumber: 1, video: [], audio: samples })])
  const args = ['-v', 'warning', '-f', 'mp4', '-i', 'pipe:0', '-f', 's16le', 'pipe:1']
  const { stdout, stderr } = spawnSync('ffmpeg', args, { input, maxBuffer: 2 ** 26 })
  return { pcm: stdout, complaints: stderr.toString(), audio }
}

/** AudioSpecificConfig: type 2, 48 kHz, `channels`, frames of 1024 or 960. */
const lowComplexity = (channels: number, isShort = false) =>
  Buffer.from([0x11, 0x80 | (channels << 3) | (isShort ? 4 : 0)])

test('a decoder takes the silence of every channel configuration, for as long as it is said to last', () => {
  for (const [configuration, channels] of [1, 2, 3, 4, 5, 6, 8].entries()) {
    const { pcm, complaints } = decode(lowComplexity(configuration + 1))
    assert.equal(complaints, '', `configuration ${configuration + 1}`)
    assert.equal(pcm.length, units * 1024 * channels * 2, `configuration ${configuration + 1}`)
    assert.ok(pcm.every((byte) => byte === 0))
  }
})

test('... of frames of 960 samples, and of HE-AAC, whose decoder doubles the rate', () => {
  const short = decode(lowComplexity(2, true))
  assert.deepEqual([short.complaints, short.audio.frameSamples, short.pcm.length], ['', 960, units * 960 * 4])
  // Type 5 at 24 kHz, two channels, extended to 48 kHz over a core of type 2.
  const highEfficiency = decode(Buffer.from('2b118800', 'hex'))
  assert.deepEqual([highEfficiency.complaints, highEfficiency.audio.codec], ['', 'mp4a.40.5'])
  assert.equal(highEfficiency.pcm.length, units * 2048 * 4)
  assert.ok(highEfficiency.pcm.every((byte) => byte === 0))
})

test('a layout that no number tells has none', () => {
  assert.equal(silentAac(0), undefined)
  assert.equal(silentAac(11), undefined)
})
