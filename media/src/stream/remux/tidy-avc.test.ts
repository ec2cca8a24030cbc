import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readFlvTag } from '../../rtmp/flv-tag.ts'
import type { MediaMessage } from '../../rtmp/media-message.ts'
import { aacRecords, audioConfig, avcRecords, metadata, videoConfig, videoFrame } from '../testing/flv-messages.ts'
import { avcRecordOf, readAvcRecord } from './avc-record.ts'
import { parseAvcConfig } from './avc.ts'
import { joinByLength } from '../../rtmp/nal-units.ts'
import { SourceStream } from './source-stream.ts'
import { TidyAvc } from './tidy-avc.ts'

const setsOf = (record: Buffer) => {
  const { sequence: [sps] = [], picture: [pps] = [] } = readAvcRecord(record) ?? {}
  assert.ok(sps && pps)
  return { sps, pps }
}
const hd = setsOf(avcRecords.hd30)
const sd = setsOf(avcRecords.sd25)
const idr = Buffer.from('6588aabb', 'hex')
const inter = Buffer.from('419aaa', 'hex')
const sei = Buffer.from('0605018080', 'hex')
const delimiter = Buffer.from('09f0', 'hex')
/** A record that names the profile and has no parameter set. */
const emptyRecord = Buffer.from('0142c01fffe000', 'hex')

const byLength = (...nals: Buffer[]) => joinByLength(nals, 4) ?? Buffer.alloc(0)
const byStartCode = (...nals: Buffer[]) => Buffer.concat(nals.flatMap((nal) => [Buffer.from('00000001', 'hex'), nal]))
const key = (timestampMs: number, data: Buffer) => videoFrame(timestampMs, { key: true, data })
const frame = (timestampMs: number, data: Buffer) => videoFrame(timestampMs, { data })

/** What becomes of the messages of one connection: roles, and the sizes and samples that a track gets. */
function played(messages: MediaMessage[]) {
  const tidy = new TidyAvc()
  const source = new SourceStream()
  source.push(metadata({ videocodecid: 7 }), () => 0)
  const seen: string[] = []
  for (const message of messages.flatMap((each) => tidy.take(each))) {
    for (const event of source.push(message, () => 0)) {
      if (event.type === 'epoch') seen.push(`${event.tracks.video?.width}`)
      else if (event.type === 'video')
        seen.push(`${event.sample.keyFrame ? 'key ' : ''}${event.sample.data.toString('hex')}`)
      else seen.push(event.type)
    }
  }
  return seen
}

test('parameter sets only in the samples become the header that was missing', () => {
  const first = byLength(delimiter, hd.sps, hd.pps, sei, idr)
  const pictures = ['1280', `key ${first.toString('hex')}`, byLength(inter).toString('hex')]
  for (const before of [[], [videoConfig(emptyRecord)], [videoConfig(emptyRecord.subarray(0, 6))]]) {
    assert.deepEqual(played([...before, audioConfig(), key(0, first), frame(33, byLength(inter))]), pictures)
  }
  // In a sample of their own, one after the other, before the picture.
  const own = [key(0, byLength(hd.sps)), key(0, byLength(hd.pps)), key(0, byLength(idr))]
  assert.deepEqual(played([audioConfig(), ...own]), ['1280', `key ${byLength(idr).toString('hex')}`])
})

test('the header is made as an encoder makes it', () => {
  for (const record of Object.values(avcRecords)) {
    const sets = readAvcRecord(record)
    assert.ok(sets)
    assert.deepEqual(avcRecordOf(sets), record)
  }
  const [header] = new TidyAvc().take(key(40, byLength(sd.sps, sd.pps, idr)))
  assert.equal(header?.timestampMs, 40)
  assert.equal(header && readFlvTag(header).role, 'header')
  assert.deepEqual(parseAvcConfig(header?.body.subarray(5) ?? Buffer.alloc(0))?.width, 854)
})

test('parameter sets that repeat the header change nothing, others begin anew with their key frame', () => {
  const repeated = [
    audioConfig(),
    videoConfig(),
    key(0, byLength(hd.sps, hd.pps, idr)),
    key(33, byLength(hd.sps, hd.pps, idr)),
  ]
  assert.deepEqual(
    played(repeated).filter((each) => !each.startsWith('key')),
    ['1280'],
  )
  const other = [audioConfig(), videoConfig(), key(0, byLength(idr)), key(33, byLength(sd.sps, sd.pps, idr))]
  assert.deepEqual(
    played(other).filter((each) => !each.startsWith('key')),
    ['1280', '854'],
  )
})

test('a header with the sets that are known, one of them twice, begins nothing anew', () => {
  const sets = readAvcRecord(avcRecords.hd30)
  assert.ok(sets)
  const twice = avcRecordOf({ ...sets, picture: [...sets.picture, ...sets.picture] })
  assert.ok(twice)
  const avc = new TidyAvc()
  assert.equal(avc.take(videoConfig(avcRecords.hd30)).length, 1)
  assert.deepEqual(avc.take(videoConfig(twice)), [])
  assert.deepEqual(avc.take(videoConfig(avcRecords.hd30)), [])
  assert.equal(avc.take(videoConfig(avcRecords.sd25)).length, 1)
  assert.equal(avc.take(videoConfig(avcRecords.hd30)).length, 1, 'and back')
})

test('start codes become lengths, in the header too', () => {
  const messages = [
    videoConfig(byStartCode(hd.sps, hd.pps)),
    audioConfig(),
    key(0, byStartCode(sei, idr)),
    frame(33, Buffer.concat([Buffer.from('000001', 'hex'), inter, Buffer.from('0000', 'hex')])),
  ]
  assert.deepEqual(played(messages), [
    '1280',
    `key ${byLength(sei, idr).toString('hex')}`,
    byLength(inter).toString('hex'),
  ])
})

test('samples without a picture are left out, empty units too, and an IDR picture is a key frame', () => {
  const messages = [
    audioConfig(),
    videoConfig(),
    frame(0, byLength(delimiter, sei)),
    frame(0, byLength(idr)),
    frame(33, byLength(sei)),
    frame(33, byLength(Buffer.alloc(0), inter)),
  ]
  assert.deepEqual(played(messages), ['1280', `key ${byLength(idr).toString('hex')}`, byLength(inter).toString('hex')])
})

test('what is as it should be, or not understood, is passed on as it is', () => {
  const tidy = new TidyAvc()
  const messages = [
    metadata({ width: 1280 }),
    videoConfig(),
    audioConfig(aacRecords.mono44),
    key(0, byLength(sei, idr)),
    frame(33, byLength(inter)),
    frame(66, Buffer.from('ffffffff00', 'hex')),
    videoConfig(Buffer.from('00', 'hex')),
    { type: 'video' as const, timestampMs: 0, body: Buffer.from('1702000000', 'hex') },
    { type: 'video' as const, timestampMs: 0, body: Buffer.alloc(0) },
  ]
  for (const message of messages) assert.deepEqual(tidy.take(message), [message])
})

test('no bytes, however broken, throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.boolean(), (bodies, known) => {
      const tidy = new TidyAvc()
      if (known) tidy.take(videoConfig())
      for (const body of bodies) {
        tidy.take({ type: 'video', timestampMs: 0, body: Buffer.from(body) })
        tidy.take(key(0, Buffer.from(body)))
        tidy.take(videoConfig(Buffer.from(body)))
      }
    }),
    { seed: 1 },
  )
})
