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

test('a key frame waits for the sound that metadata announced, and not for its header alone', () => {
  const source = new SourceStream()
  assert.deepEqual(pushAll(source, [both, videoConfig(), videoFrame(0, { key: true }), videoFrame(33)]), [])
  assert.deepEqual(pushAll(source, [audioConfig(), videoFrame(67)]), [])
  const events = pushAll(source, [audioFrame(70), videoFrame(100)])
  assert.deepEqual(types(events), ['epoch', 'video', 'video', 'video', 'audio', 'video'])
  assert.ok(events[0]?.type === 'epoch' && events[0].has.audio)
})

test('a header of sound that never comes: the track is there, and is made up for from the first picture on', () => {
  const source = new SourceStream()
  const frames = Array.from({ length: 153 }, (_, index) => videoFrame(index * 33, { key: index === 0 }))
  const [epoch] = pushAll(source, [both, videoConfig(), audioConfig(), ...frames])
  assert.ok(epoch?.type === 'epoch' && epoch.tracks.audio?.sampleRate === 48_000 && !epoch.has.audio)
})

test('... but no longer than five seconds', () => {
  const source = new SourceStream()
  const frames = Array.from({ length: 153 }, (_, index) => videoFrame(index * 33, { key: index === 0 }))
  const events = pushAll(source, [both, videoConfig(), ...frames])
  assert.equal(events[0]?.type, 'epoch')
  assert.equal(events.filter((event) => event.type === 'video').length, 153)
})

test('a camera three seconds after the microphone, or the other way round: one epoch, with both', () => {
  for (const announced of [both, metadata({ framerate: 30 })]) {
    const sound = Array.from({ length: 300 }, (_, index) => audioFrame(Math.round(index * 21.33)))
    const pictures = Array.from({ length: 120 }, (_, index) => videoFrame(3000 + index * 33, { key: index % 60 === 0 }))
    const inOrder = (messages: MediaMessage[]) => messages.toSorted((a, b) => a.timestampMs - b.timestampMs)
    const cameraLate = [audioConfig(), ...inOrder([...sound, { ...videoConfig(), timestampMs: 2999 }, ...pictures])]
    const soundLate = [
      videoConfig(),
      ...inOrder([
        ...pictures.map((message) => ({ ...message, timestampMs: message.timestampMs - 3000 })),
        { ...audioConfig(), timestampMs: 2999 },
        ...sound.filter(({ timestampMs }) => timestampMs >= 3000),
      ]),
    ]
    for (const messages of [cameraLate, soundLate]) {
      const events = pushAll(new SourceStream(), [announced, ...messages])
      const epochs = events.filter((event) => event.type === 'epoch')
      assert.deepEqual(
        epochs.map(({ tracks }) => Object.keys(tracks).toSorted()),
        [['audio', 'video']],
      )
      assert.equal(events.filter(({ type }) => type === 'video').length, 120)
    }
  }
})

test('what a broadcast began with stays: a kind that is missing later keeps its header, one that is new is not taken', () => {
  const source = new SourceStream()
  pushAll(source, [both, videoConfig(), audioConfig(), videoFrame(0, { key: true }), audioFrame(5)])
  source.newConnection()
  const [mute] = pushAll(source, [
    metadata({ framerate: 30, videocodecid: 7 }),
    videoConfig(),
    videoFrame(0, { key: true }),
  ])
  assert.ok(mute?.type === 'epoch' && mute.tracks.audio?.sampleRate === 48_000 && !mute.has.audio)
  source.newConnection()
  const [dark] = pushAll(source, [metadata({ audiocodecid: 10 }), audioConfig(), audioFrame(0)])
  assert.ok(dark?.type === 'epoch' && dark.tracks.video?.width === 1280 && !dark.has.video)
  assert.deepEqual(
    types(pushAll(source, [videoConfig(), videoFrame(50), videoFrame(83, { key: true }), audioFrame(90)])),
    ['video', 'audio'],
  )
  const silent = new SourceStream()
  pushAll(silent, [metadata({ framerate: 30, videocodecid: 7 }), videoConfig(), videoFrame(0, { key: true })])
  assert.equal(silent.notTaken, undefined)
  assert.deepEqual(types(pushAll(silent, [audioConfig(), audioFrame(10), videoFrame(33)])), ['video'])
  assert.equal(silent.notTaken, 'audio', 'and the seller can be told')
  silent.newConnection()
  assert.equal(silent.notTaken, undefined)
})

test('another header for the sound counts from its first unit on: an epoch that begins with the pictures so far', () => {
  const source = new SourceStream()
  const pictures = Array.from({ length: 30 }, (_, index) => videoFrame(index * 33, { key: index === 0 }))
  pushAll(source, [both, videoConfig(), audioConfig(), ...pictures, audioFrame(990)])
  const events = pushAll(
    source,
    [audioConfig(aacRecords.mono44), videoFrame(1000), audioFrame(1010), videoFrame(1033)],
    90_000,
  )
  assert.deepEqual(types(events), ['video', 'epoch', 'audio', 'video'])
  const epoch = events[1]
  assert.ok(epoch?.type === 'epoch' && epoch.continues && epoch.tracks.audio?.sampleRate === 44_100)
  assert.equal(epoch.preroll.length, 31)
  assert.ok(epoch.preroll[0]?.keyFrame)
})

test('sound that is stamped five seconds away from the picture is brought to it', () => {
  for (const away of [5000, -5000, 60_000]) {
    const source = new SourceStream()
    const messages = Array.from({ length: 60 }, (_, index) => [
      videoFrame(10_000 + index * 33, { key: index === 0 }),
      audioFrame(10_000 + away + index * 33),
    ]).flat()
    const events = pushAll(source, [both, videoConfig(), audioConfig(), ...messages], 0)
    const [first] = events.flatMap((event) => (event.type === 'audio' ? [event.sample] : []))
    assert.ok(first !== undefined && first.time <= 48 * 34, `${first?.time}`)
  }
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

test('a repeated sequence header changes nothing; a different one for the picture starts a new epoch at the next key frame', () => {
  const source = new SourceStream()
  pushAll(source, [metadata({ videocodecid: 7, framerate: 30 }), videoConfig(), videoFrame(0, { key: true })])
  assert.deepEqual(types(pushAll(source, [videoConfig(), videoFrame(33)])), ['video'])
  const changed = pushAll(source, [videoConfig(avcRecords.sd25), videoFrame(67), videoFrame(100, { key: true })], 9000)
  assert.deepEqual(types(changed), ['epoch', 'video'])
  assert.ok(changed[0]?.type === 'epoch' && changed[0].tracks.video?.width === 854)
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
    { numRuns: 500, seed: 1 },
  )
})
