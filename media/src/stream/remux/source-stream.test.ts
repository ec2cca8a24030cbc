import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  aacRecords,
  audioConfig,
  audioFrame,
  avcRecords,
  metadata,
  videoConfig,
  videoFrame,
} from '../testing/flv-messages.ts'
import { SourceStream, type SourceEvent } from './source-stream.ts'
import type { MediaMessage } from '../../rtmp/media-message.ts'

function pushAll(source: SourceStream, messages: MediaMessage[], timelineEnd = 0): SourceEvent[] {
  return messages.flatMap((message) => source.push(message, () => timelineEnd))
}

const both = metadata({ framerate: 30, videocodecid: 7, audiocodecid: 10 })
const types = (events: SourceEvent[]) => events.map((event) => event.type)

test('an epoch starts with the first key frame; what came before it is dropped and counted', () => {
  const source = new SourceStream()
  const events = pushAll(
    source,
    [both, videoConfig(), audioConfig(), videoFrame(0), videoFrame(33), videoFrame(67, { key: true }), audioFrame(70)],
    900_000,
  )
  assert.deepEqual(types(events), ['epoch', 'video', 'audio'])
  assert.equal(source.droppedFrames, 2)
  const [epoch, video] = events
  assert.ok(epoch?.type === 'epoch' && video?.type === 'video')
  assert.equal(epoch.tracks.video?.width, 1280)
  assert.equal(epoch.tracks.audio?.sampleRate, 48_000)
  assert.equal(video.sample.dts, 900_000)
})

test('a key frame waits for the audio header that metadata announced', () => {
  const source = new SourceStream()
  assert.deepEqual(pushAll(source, [both, videoConfig(), videoFrame(0, { key: true }), videoFrame(33)]), [])
  const events = pushAll(source, [audioConfig(), videoFrame(67)])
  assert.deepEqual(types(events), ['epoch', 'video', 'video', 'video'])
})

test('... but no longer than a second', () => {
  const source = new SourceStream()
  const frames = Array.from({ length: 32 }, (_, index) => videoFrame(index * 33, { key: index === 0 }))
  const events = pushAll(source, [both, videoConfig(), ...frames])
  assert.equal(events[0]?.type, 'epoch')
  assert.equal(events.filter((event) => event.type === 'video').length, 32)
})

test('a stream without audio starts at once', () => {
  const source = new SourceStream()
  const events = pushAll(source, [
    metadata({ framerate: 30, videocodecid: 7 }),
    videoConfig(),
    videoFrame(0, { key: true }),
  ])
  assert.deepEqual(types(events), ['epoch', 'video'])
})

test('a stream without a picture starts with its audio', () => {
  const source = new SourceStream()
  const events = pushAll(source, [metadata({ audiocodecid: 10 }), audioConfig(), audioFrame(0), audioFrame(21)])
  assert.deepEqual(types(events), ['epoch', 'audio', 'audio'])
})

test('B-frames keep their composition offsets, on the frame grid', () => {
  const source = new SourceStream()
  const events = pushAll(source, [
    metadata({ framerate: 30, videocodecid: 7 }),
    videoConfig(),
    videoFrame(0, { key: true, compositionMs: 67 }),
    videoFrame(33, { compositionMs: 133 }),
    videoFrame(67, { compositionMs: 33 }),
  ])
  const offsets = events.flatMap((event) => (event.type === 'video' ? [event.sample.pts - event.sample.dts] : []))
  assert.deepEqual(offsets, [6000, 12_000, 3000])
})

test('a repeated sequence header changes nothing; a different one starts a new epoch at the next key frame', () => {
  const source = new SourceStream()
  pushAll(source, [metadata({ videocodecid: 7, framerate: 30 }), videoConfig(), videoFrame(0, { key: true })])
  assert.deepEqual(types(pushAll(source, [videoConfig(), videoFrame(33)])), ['video'])
  const changed = pushAll(source, [videoConfig(avcRecords.sd25), videoFrame(67), videoFrame(100, { key: true })], 9000)
  assert.deepEqual(types(changed), ['epoch', 'video'])
  assert.ok(changed[0]?.type === 'epoch' && changed[0].tracks.video?.width === 854)
  const audio = pushAll(source, [audioConfig(aacRecords.mono44), videoFrame(133, { key: true })], 12_000)
  assert.ok(audio[0]?.type === 'epoch' && audio[0].tracks.audio?.channels === 1)
})

test('after restart() nothing comes until a key frame, which continues the timeline', () => {
  const source = new SourceStream()
  pushAll(source, [metadata({ videocodecid: 7, framerate: 30 }), videoConfig(), videoFrame(0, { key: true })])
  source.restart()
  assert.deepEqual(pushAll(source, [videoFrame(33)], 450_000), [])
  const [epoch, video] = pushAll(source, [videoFrame(67, { key: true })], 450_000)
  assert.ok(epoch?.type === 'epoch' && video?.type === 'video')
  assert.equal(video.sample.dts, 450_000)
})

test('codecs that are not packaged are named', () => {
  const hevc: MediaMessage = { type: 'video', timestampMs: 0, body: Buffer.from('90687663310000', 'hex') }
  const mp3: MediaMessage = { type: 'audio', timestampMs: 0, body: Buffer.from('2fffff', 'hex') }
  assert.deepEqual(
    new SourceStream().push(hevc, () => 0),
    [{ type: 'unsupported', codec: 'HEVC' }],
  )
  assert.deepEqual(
    new SourceStream().push(mp3, () => 0),
    [{ type: 'unsupported', codec: 'MP3' }],
  )
})

test('no tag, however broken, throws', () => {
  const body = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))
  const type = fc.constantFrom('audio' as const, 'video' as const, 'metadata' as const)
  fc.assert(
    fc.property(
      fc.array(fc.record({ type, timestampMs: fc.nat(2 ** 32 - 1), body }), { maxLength: 30 }),
      (messages) => {
        const source = new SourceStream()
        pushAll(source, [videoConfig(), audioConfig(), videoFrame(0, { key: true }), ...messages])
      },
    ),
    { numRuns: 500 },
  )
})
