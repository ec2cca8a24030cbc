import assert from 'node:assert/strict'
import { test } from 'node:test'
import { audioCodec, enhancedAudioCodec, enhancedVideoCodec, videoCodec } from '../../rtmp/codecs.ts'
import { SourceStream } from './source-stream.ts'
import { audioConfigs, videoConfigs } from './codecs.ts'
import { aacRecords, avcRecords } from '../testing/flv-messages.ts'

test('every codec that encoders are let in with has a packager', () => {
  const ids = Array.from({ length: 16 }, (_, id) => id)
  const videos = [...ids.map(videoCodec), ...['avc1', 'hvc1', 'av01', 'vp09'].map(enhancedVideoCodec)]
  const audios = [...ids.map(audioCodec), ...['mp4a', 'Opus', 'fLaC'].map(enhancedAudioCodec)]
  const packaged = (codecs: typeof videos) =>
    new Set(codecs.map((codec) => codec.packaged).filter((name) => name !== undefined))
  assert.deepEqual([...packaged(videos)], Object.keys(videoConfigs))
  assert.deepEqual([...packaged(audios)], Object.keys(audioConfigs))
})

test("the same stream in Enhanced RTMP's layout becomes the same tracks and pictures", () => {
  const classic = new SourceStream()
  const enhanced = new SourceStream()
  const push = (stream: SourceStream, type: 'audio' | 'video', head: string, payload: Buffer) =>
    stream.push({ type, timestampMs: 0, body: Buffer.concat([Buffer.from(head, 'hex'), payload]) }, () => 0)
  const picture = Buffer.from('000000026588', 'hex')
  push(classic, 'video', '1700000000', avcRecords.hd30)
  push(classic, 'audio', 'af00', aacRecords.stereo48)
  push(enhanced, 'video', '9061766331', avcRecords.hd30)
  push(enhanced, 'audio', '906d703461', aacRecords.stereo48)
  push(classic, 'video', '1701000021', picture)
  push(enhanced, 'video', '9161766331000021', picture)
  const unit = Buffer.from('2100', 'hex')
  const events = push(classic, 'audio', 'af01', unit)
  assert.deepEqual(
    events.map(({ type }) => type),
    ['epoch', 'video', 'audio'],
  )
  assert.deepEqual(push(enhanced, 'audio', '916d703461', unit), events)
})
