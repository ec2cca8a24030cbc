import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFlvTag } from './flv-tag.ts'

const read = (type: 'audio' | 'video' | 'metadata', hex: string) =>
  readFlvTag({ type, timestampMs: 0, body: Buffer.from(hex, 'hex') })

test('H.264 and AAC tags have their role', () => {
  assert.deepEqual(
    ['1700', '1701', '2701', '3701', '1702', '5701', '17'].map((hex) => read('video', hex).role),
    ['header', 'key', 'frame', 'frame', 'end', 'other', 'other'],
  )
  assert.deepEqual(
    ['af00', 'af01', 'af'].map((hex) => read('audio', hex).role),
    ['header', 'frame', 'other'],
  )
})

test('what is not packaged is named', () => {
  for (const [type, hex, codec] of [
    ['video', '22', 'Sorenson H.263'],
    ['video', '1c01', 'HEVC (vendor-specific)'],
    ['video', '1f', 'video codec 15'],
    ['video', '9068766331', 'HEVC'],
    ['video', '9061763031', 'AV1'],
    ['video', '90746f5374', 'an unknown Enhanced RTMP codec'],
    ['video', '90', 'an unknown Enhanced RTMP codec'],
    ['audio', '2f', 'MP3'],
    ['audio', '904f707573', 'Opus'],
  ] as const) {
    const tag = read(type, hex)
    assert.equal(tag.codec, codec)
    assert.equal(tag.supported, false)
  }
})

test('metadata and empty bodies are nothing to play, and no reason to refuse', () => {
  assert.deepEqual(read('metadata', '02000a'), { codec: '', supported: true, role: 'other' })
  assert.deepEqual(read('video', ''), { codec: '', supported: true, role: 'other' })
})
