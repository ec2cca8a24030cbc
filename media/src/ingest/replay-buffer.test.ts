import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MediaMessage } from '../rtmp/media-message.ts'
import { ReplayBudget, ReplayBuffer } from './replay-buffer.ts'

const video = (hex: string, timestampMs: number, padding = 0): MediaMessage => ({
  type: 'video',
  timestampMs,
  body: Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(padding)]),
})
const header = (timestampMs = 0, last = '01') => video(`1700000000${last}`, timestampMs)
const key = (timestampMs: number, padding = 0) => video('1701000000', timestampMs, Math.max(1, padding))
const delta = (timestampMs: number, padding = 0) => video('2701000000', timestampMs, Math.max(1, padding))
const audio = (timestampMs: number): MediaMessage => ({
  type: 'audio',
  timestampMs,
  body: Buffer.from('af01ff', 'hex'),
})
const times = (buffer: ReplayBuffer) => buffer.messages().map(({ timestampMs }) => timestampMs)

function filled(messages: MediaMessage[], options: { delivered: boolean; maxBytes?: number }): ReplayBuffer {
  const buffer = new ReplayBuffer({ maxBytes: options.maxBytes ?? 1_000_000, budget: new ReplayBudget(10_000_000) })
  for (const message of messages) {
    buffer.add(message)
    if (options.delivered) buffer.confirm(buffer.position)
  }
  return buffer
}

test('while a Pod confirms every frame, only the last GOP is kept', () => {
  const buffer = filled([header(), key(0), delta(33), key(66), delta(100), audio(101)], { delivered: true })
  assert.deepEqual(times(buffer), [66, 66, 100, 101], 'the header carries the time of the first frame')
})

test('pictures without a header, which have their parameter sets with them, are kept like others', () => {
  const messages = [key(0), ...[1000, 2000, 3000, 4000, 5000].map((time) => delta(time)), audio(5100)]
  assert.deepEqual(times(filled(messages, { delivered: false })), [0, 1000, 2000, 3000, 4000, 5000, 5100])
})

test('parameter sets that came once, as samples of their own, are told to every Pod like a header', () => {
  const sets = (kind: '67' | '68', timestampMs: number, last = '01') =>
    video(`170100000000000003${kind}aa${last}`, timestampMs)
  const buffer = filled([sets('67', 0), sets('68', 0), key(0), delta(33), key(66), delta(100)], { delivered: true })
  const bodies = (buffer: ReplayBuffer) => buffer.messages().map(({ body }) => body.toString('hex', 9, 10))
  assert.deepEqual(bodies(buffer), ['67', '68', '', ''])
  assert.deepEqual(times(buffer), [66, 66, 66, 100])
  buffer.add(sets('67', 120))
  assert.equal(buffer.messages().length, 4, 'repeated, they are nothing new')
  assert.equal(buffer.headersChanged, 2)
  buffer.add(sets('68', 130, '02'))
  buffer.add(delta(133))
  assert.deepEqual(bodies(buffer), ['67', '68'], 'frames of the old ones are forgotten, until the next key frame')
  const budget = new ReplayBudget(1_000_000)
  const closed = new ReplayBuffer({ maxBytes: 1_000_000, budget })
  closed.add(sets('67', 0))
  closed.close()
  assert.equal(budget.usedBytes, 0)
})

test('a small picture whose length looks like a start code is a picture', () => {
  const small = (length: number, timestampMs: number) =>
    video(`2701000000${length.toString(16).padStart(8, '0')}41`, timestampMs, length - 1)
  const messages = [header(), key(0), small(0x107, 33), small(0x128, 66), small(0x1e7, 100)]
  const buffer = filled(messages, { delivered: false })
  assert.deepEqual(times(buffer), [0, 0, 33, 66, 100])
  assert.equal(buffer.headersChanged, 1, 'the header, and none since')
})

test('what else is in a sample of parameter sets may change; the sets themselves are no news', () => {
  const sets = (seconds: string, timestampMs: number, begin = '') =>
    video(`1701000000${begin}00000002670100000002680100000003060${seconds}`, timestampMs)
  const messages = [sets('001', 0), key(0), delta(33), sets('002', 66), key(66), sets('003', 99, '0000000209f0')]
  const buffer = filled(messages, { delivered: false })
  assert.deepEqual([times(buffer), buffer.headersChanged], [[0, 0, 33, 66], 1])
})

test('what was written to a Pod and not confirmed is kept, from the key frame before it', () => {
  const buffer = filled([header(), key(0), delta(33), key(66), delta(100)], { delivered: false })
  const mark = buffer.position
  for (const message of [key(133), delta(166), key(200), delta(233)]) buffer.add(message)
  assert.deepEqual(times(buffer), [0, 0, 33, 66, 100, 133, 166, 200, 233])
  buffer.confirm(mark)
  assert.deepEqual(times(buffer), [66, 66, 100, 133, 166, 200, 233])
  buffer.confirm(mark)
  assert.deepEqual(times(buffer), [66, 66, 100, 133, 166, 200, 233], 'the same mark confirms nothing more')
  buffer.confirm(buffer.position)
  assert.deepEqual(times(buffer), [200, 200, 233])
})

test('a changed AAC header forgets the sound of the old one and keeps the picture; an old mark confirms none of it', () => {
  const aacHeader = (hex: string): MediaMessage => ({ ...audio(0), body: Buffer.from(`af00${hex}`, 'hex') })
  const buffer = filled([header(), aacHeader('1210'), key(0), audio(5), delta(33), audio(38)], { delivered: false })
  const mark = buffer.position
  for (const message of [aacHeader('1210'), aacHeader('1190'), audio(60), key(66), audio(70)]) buffer.add(message)
  const kept = () => buffer.messages().map(({ type, timestampMs }) => `${type} ${timestampMs}`)
  const after = ['audio 60', 'video 66', 'audio 70']
  assert.deepEqual(kept(), ['video 0', 'audio 0', 'video 0', 'video 33', ...after])
  assert.ok(buffer.messages()[1]?.body.equals(aacHeader('1190').body))
  buffer.confirm(mark)
  assert.deepEqual(kept(), ['video 0', 'audio 0', 'video 0', 'video 33', ...after])
  buffer.confirm(buffer.position)
  assert.deepEqual(kept(), ['video 66', 'audio 66', 'video 66', 'audio 70'])
  assert.equal(buffer.bytes, 6 + 3 + 2 * 200)
})

test('metadata and headers count in the budget, each once, and are given back', () => {
  const budget = new ReplayBudget(1_000_000)
  const buffer = new ReplayBuffer({ maxBytes: 1_000_000, budget })
  const metadata = (size: number): MediaMessage => ({ type: 'metadata', timestampMs: 0, body: Buffer.alloc(size) })
  for (const message of [metadata(60_000), metadata(50_000), header(), header(33, '02'), key(66)]) buffer.add(message)
  assert.equal(budget.usedBytes, 50_000 + 6 + 6 + 3 * 200)
  buffer.close()
  assert.equal(budget.usedBytes, 0)
})

test('while no Pod is there, everything since the first key frame is kept', () => {
  const buffer = filled([header(), delta(0), key(33), delta(66), key(100)], { delivered: false })
  assert.deepEqual(times(buffer), [33, 33, 66, 100])
})

test('beyond its bytes it falls back to the newest key frame, and a GOP that is too long alone is given up', () => {
  const kept = filled([header(), key(0, 600), key(33, 600), delta(66)], { delivered: false, maxBytes: 1_300 })
  assert.deepEqual(times(kept), [33, 33, 66])
  const endless = filled([header(), key(0, 600), delta(33, 600), delta(66)], { delivered: false, maxBytes: 1_300 })
  assert.deepEqual(times(endless), [0])
  assert.equal(endless.bytes, 0)
})

test('a Pod away for longer than twenty seconds starts at the newest key frame', () => {
  const buffer = filled([header(), key(0), key(10_000), key(20_001)], { delivered: false })
  assert.deepEqual(times(buffer), [20_001, 20_001])
})

test('a changed sequence header forgets the frames of the old one; a repeated one does not', () => {
  const changed = filled([header(), key(0), header(33, '02'), delta(34), key(66)], { delivered: true })
  assert.deepEqual(times(changed), [66, 66])
  const repeated = filled([header(), key(0), header(33), delta(34)], { delivered: true })
  assert.deepEqual(times(repeated), [0, 0, 34])
})

test('of an audio-only stream the last three seconds are kept', () => {
  const buffer = filled(
    Array.from({ length: 100 }, (_, index) => audio(index * 100)),
    { delivered: false },
  )
  assert.equal(times(buffer)[0], 6_900)
})

test('timestamps that wrap are no age', () => {
  const buffer = filled([header(), key(0xffffff00), delta(0xfffffff0), key(10)], { delivered: false })
  assert.equal(buffer.messages().length, 4)
})

test('publishers share one budget: who would exceed it starts again, and what it held is free', () => {
  const budget = new ReplayBudget(2_000)
  const first = new ReplayBuffer({ maxBytes: 10_000, budget })
  const second = new ReplayBuffer({ maxBytes: 10_000, budget })
  for (const message of [header(), key(0, 1_000)]) first.add(message)
  for (const message of [header(), key(0, 1_000)]) second.add(message)
  assert.equal(first.bytes, 1_205)
  assert.equal(second.bytes, 0)
  first.close()
  assert.equal(budget.usedBytes, 206, 'the header of the second')
  second.add(key(33, 1_000))
  assert.deepEqual(times(second), [33, 33])
})

test('audio that never gets older is bounded all the same', () => {
  const buffer = filled(
    Array.from({ length: 1_000 }, () => audio(0)),
    { delivered: false, maxBytes: 10_000 },
  )
  assert.ok(buffer.bytes <= 10_000)
})
