import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boxesOf, findBox } from '../testing/mp4-boxes.ts'
import { aacRecords, avcRecords } from '../testing/flv-messages.ts'
import { parseAacConfig } from './aac.ts'
import { parseAvcConfig } from './avc.ts'
import { initSegment } from './boxes.ts'
import { fragment } from './fragment.ts'

const video = [
  { dts: 9000, pts: 15_000, duration: 3000, keyFrame: true, data: Buffer.from('keyframe') },
  { dts: 12_000, pts: 12_000, duration: 3003, keyFrame: false, data: Buffer.from('delta') },
]
const audio = [{ time: 4800, duration: 1024, data: Buffer.from('aac') }]

test('a fragment is one moof and one mdat whose trun offsets point at the samples', () => {
  const bytes = fragment({ sequenceNumber: 7, video, audio })
  assert.deepEqual(
    boxesOf(bytes).map(({ type }) => type),
    ['moof', 'mdat'],
  )
  const moof = findBox(bytes, 'moof')
  assert.equal(findBox(moof.payload, 'mfhd').payload.readUInt32BE(4), 7)
  const [videoTraf, audioTraf] = boxesOf(moof.payload).filter(({ type }) => type === 'traf')
  assert.ok(videoTraf && audioTraf)
  const trun = findBox(videoTraf.payload, 'trun').payload
  const dataOffset = trun.readUInt32BE(8)
  assert.equal(bytes.toString('latin1', dataOffset, dataOffset + 8), 'keyframe')
  assert.equal(trun.readUInt32BE(12), 3000)
  assert.equal(trun.readUInt32BE(20), 0x0200_0000, 'the first sample is a sync sample')
  assert.equal(trun.readInt32BE(24), 6000, 'its composition offset')
  assert.equal(trun.readUInt32BE(36), 0x0101_0000, 'the second is not')
  assert.equal(trun.length, 12 + 2 * 16)
  assert.equal(findBox(videoTraf.payload, 'tfdt').payload.readBigUInt64BE(4), 9000n)
  const audioTrun = findBox(audioTraf.payload, 'trun').payload
  const audioOffset = audioTrun.readUInt32BE(8)
  assert.equal(bytes.toString('latin1', audioOffset, audioOffset + 3), 'aac')
  assert.equal(findBox(audioTraf.payload, 'tfdt').payload.readBigUInt64BE(4), 4800n)
})

test('a track without samples has no traf', () => {
  const moof = findBox(fragment({ sequenceNumber: 1, video: [], audio }), 'moof')
  assert.equal(boxesOf(moof.payload).filter(({ type }) => type === 'traf').length, 1)
})

test("the initialization segment carries both sample entries with the encoder's own records", () => {
  const init = initSegment({ video: parseAvcConfig(avcRecords.fullHd2997), audio: parseAacConfig(aacRecords.stereo48) })
  assert.deepEqual(
    boxesOf(init).map(({ type }) => type),
    ['ftyp', 'moov'],
  )
  assert.ok(init.includes(avcRecords.fullHd2997))
  assert.ok(init.includes(Buffer.from('mp4a')))
  const tracks = boxesOf(findBox(init, 'moov').payload).filter(({ type }) => type === 'trak')
  const header = tracks[0] && findBox(tracks[0].payload, 'tkhd').payload
  assert.deepEqual([header?.readUInt32BE(76), header?.readUInt32BE(80)], [1920 * 65_536, 1080 * 65_536])
})
