import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPlayable, readFlvTag } from './flv-tag.ts'

const read = (type: 'audio' | 'video' | 'metadata', hex: string) =>
  readFlvTag({ type, timestampMs: 0, body: Buffer.from(hex, 'hex') })

test('H.264 and AAC tags have their role, the payload its place', () => {
  assert.deepEqual(
    [
      '17000000006d',
      '17010000006d',
      '27010000006d',
      '37010000006d',
      '1702000000',
      '5701000000',
      '1701000000',
      '17',
    ].map((hex) => read('video', hex).role),
    ['header', 'key', 'frame', 'frame', 'end', 'other', 'other', 'other'],
  )
  assert.deepEqual(
    ['af006d', 'af016d', 'af01', 'af'].map((hex) => read('audio', hex).role),
    ['header', 'frame', 'other', 'other'],
  )
  assert.equal(read('video', '17010000006d').payloadAt, 5)
  assert.equal(read('audio', 'af016d').payloadAt, 2)
})

test('the composition time is signed', () => {
  assert.equal(read('video', '27010000426d').compositionTimeMs, 66)
  assert.equal(read('video', '2701ffffbe6d').compositionTimeMs, -66)
})

test("H.264 and AAC are the same in Enhanced RTMP's layout", () => {
  const avc1 = '61766331'
  const mp4a = '6d703461'
  const tags = [
    read('video', `90${avc1}6d`),
    read('video', `91${avc1}0000426d`),
    read('video', `a3${avc1}6d`),
    read('video', `92${avc1}`),
    read('video', `91${avc1}000042`),
    read('audio', `90${mp4a}6d`),
    read('audio', `91${mp4a}6d`),
    read('audio', `94${mp4a}6d`),
  ]
  assert.deepEqual(
    tags.map(({ role, payloadAt, compositionTimeMs }) => [role, payloadAt, compositionTimeMs]),
    [
      ['header', 5, 0],
      ['key', 8, 66],
      ['frame', 5, 0],
      ['end', 0, 0],
      ['other', 0, 0],
      ['header', 5, 0],
      ['frame', 5, 0],
      ['other', 0, 0],
    ],
  )
  assert.deepEqual(new Set(tags.map(({ packaged }) => packaged)), new Set(['H.264', 'AAC']))
})

test('what is not packaged is named', () => {
  for (const [type, hex, codec] of [
    ['video', '22', 'Sorenson H.263'],
    ['video', '1c01', 'HEVC (vendor-specific)'],
    ['video', '1f', 'video codec 15'],
    ['video', '9068766331', 'HEVC'],
    ['video', '9061763031', 'AV1'],
    ['video', '961061766331', 'multitrack video'],
    ['video', '97020000000620', 'multitrack video'],
    ['video', '90746f5374', "Enhanced RTMP's codec toSt"],
    ['video', '906d703461', "Enhanced RTMP's codec mp4a"],
    ['video', '9000010203', 'an unknown Enhanced RTMP codec'],
    ['video', '90', 'an unknown Enhanced RTMP codec'],
    ['audio', '2f', 'MP3'],
    ['audio', '904f707573', 'Opus'],
    ['audio', '95106d703461', 'multitrack audio'],
    ['audio', '95206d703461', 'multitrack audio'],
    ['audio', '95004f70757300', 'Opus'],
  ] as const) {
    const tag = read(type, hex)
    assert.equal(tag.codec, codec)
    assert.equal(isPlayable(tag), false)
  }
})

test('ModEx is passed over, however long, and what it modifies is read', () => {
  const nano = (packetType: string) => `02000000${packetType}` // three bytes of nanoseconds, ModEx type 0
  const long = `ff0100${'ab'.repeat(257)}`
  const avc1 = '61766331'
  const tags = [
    read('video', `97${nano('01')}${avc1}0000426d`),
    read('video', `97${nano('07')}${nano('03')}${avc1}6d`),
    read('video', `97${long}00${avc1}6d`),
    read('audio', `97${nano('01')}6d7034616d`),
    read('video', `97${nano('06')}01${avc1}000000216d`),
  ]
  assert.deepEqual(
    tags.map(({ role, payloadAt, compositionTimeMs }) => [role, payloadAt, compositionTimeMs]),
    [
      ['key', 13, 66],
      ['key', 15, 0],
      ['header', 266, 0],
      ['frame', 10, 0],
      ['key', 15, 33],
    ],
  )
  for (const hex of ['97', '9702', '97020000', '9702000000', '97ff', '97ffff', '97ffffff00']) {
    assert.equal(isPlayable(read('video', hex)), true, hex)
    assert.equal(read('video', hex).role, 'other')
  }
})

test('commands, metadata and unknown packets are no reason to refuse', () => {
  for (const hex of [
    'd100',
    'd101',
    'd000',
    'd700',
    '5000',
    '5700',
    '52',
    '9461766331aa',
    '9961766331aa',
    '9561766331aa',
  ]) {
    const tag = read('video', hex)
    assert.deepEqual([tag.role, isPlayable(tag)], ['other', true], hex)
  }
  assert.deepEqual(read('audio', '946d70346102').role, 'other')
})

test('of several tracks the first is played, and the others are passed over', () => {
  assert.deepEqual(read('video', '96016176633100000021aa').compositionTimeMs, 33)
  assert.deepEqual(read('video', '9600617663310042').role, 'header')
  assert.deepEqual(read('audio', '95016d70346100aa').role, 'frame')
  for (const tag of [read('video', '96016176633101000021aa'), read('audio', '95014f70757301aa')]) {
    assert.deepEqual([tag.role, isPlayable(tag)], ['other', true])
  }
})

test('metadata and empty bodies are nothing to play, and no reason to refuse', () => {
  for (const tag of [read('metadata', '02000a'), read('video', '')]) {
    assert.equal(tag.role, 'other')
    assert.equal(isPlayable(tag), true)
  }
})
