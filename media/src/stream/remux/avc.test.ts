import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { avcRecords } from '../testing/flv-messages.ts'
import { parseAvcConfig } from './avc.ts'

test('size, cropping, codec string and frame rate are what x264 wrote', () => {
  const hd = parseAvcConfig(avcRecords.hd30)
  assert.deepEqual([hd?.width, hd?.height, hd?.codec, hd?.frameRate], [1280, 720, 'avc1.42c01f', 30])
  const fullHd = parseAvcConfig(avcRecords.fullHd2997)
  assert.deepEqual([fullHd?.width, fullHd?.height, fullHd?.codec], [1920, 1080, 'avc1.640028'])
  assert.ok(Math.abs((fullHd?.frameRate ?? 0) - 29.97) < 0.001)
  const sd = parseAvcConfig(avcRecords.sd25)
  assert.deepEqual([sd?.width, sd?.height, sd?.codec, sd?.frameRate], [854, 480, 'avc1.64001e', 25])
})

test('no record, however broken, throws or hangs', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      parseAvcConfig(Buffer.from(bytes))
      parseAvcConfig(Buffer.concat([avcRecords.hd30.subarray(0, 8 + (bytes.length % 24)), bytes]))
    }),
    { numRuns: 3000 },
  )
})
