import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { avcRecords } from '../testing/flv-messages.ts'
import { parseAvcConfig, parseSps } from './avc.ts'

test('size, cropping, codec string and frame rate are what x264 wrote', () => {
  const hd = parseAvcConfig(avcRecords.hd30)
  assert.deepEqual([hd?.width, hd?.height, hd?.codec, hd?.frameRate], [1280, 720, 'avc1.42c01f', 30])
  const fullHd = parseAvcConfig(avcRecords.fullHd2997)
  assert.deepEqual([fullHd?.width, fullHd?.height, fullHd?.codec], [1920, 1080, 'avc1.640028'])
  assert.ok(Math.abs((fullHd?.frameRate ?? 0) - 29.97) < 0.001)
  const sd = parseAvcConfig(avcRecords.sd25)
  assert.deepEqual([sd?.width, sd?.height, sd?.codec, sd?.frameRate], [854, 480, 'avc1.64001e', 25])
})

/** An SPS of x264's whose VUI starts with this shape of pixels: 1280x720 macroblocks, no timing. */
function spsOf(aspect: string): Buffer {
  // profile 66, level 3.1; ids and counts; 80x45 macroblocks of whole frames; VUI with the aspect alone
  const bits = ['01000010', '11000000', '00011111', '1', '1', '011', '011', '0']
  bits.push('0000001010000', '00000101101', '1', '1', '0', '1', `1${aspect}`, '0000000', '10000000')
  const all = bits.join('')
  const bytes = all.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []
  return Buffer.from([0x67, ...bytes])
}

test('pixels that are not square: the size to show is another than that of the pictures', () => {
  const sixteen = (value: number) => value.toString(2).padStart(16, '0')
  const shown = (aspect: string) => {
    const { width, height, codedWidth, codedHeight } = parseSps(spsOf(aspect)) ?? {}
    assert.deepEqual([height, codedWidth, codedHeight], [720, 1280, 720])
    return width
  }
  assert.equal(shown('00000001'), 1280) // square
  assert.equal(shown('00000100'), Math.round((1280 * 16) / 11))
  assert.equal(shown('00000011'), Math.round((1280 * 10) / 11)) // narrow ones, of NTSC
  assert.equal(shown('00010000'), 2560) // the last of the table
  assert.equal(shown(`11111111${sixteen(4)}${sixteen(3)}`), 1707)
  for (const unknown of [
    '00000000',
    '00010001',
    `11111111${sixteen(0)}${sixteen(3)}`,
    `11111111${sixteen(9)}${sixteen(1)}`,
  ]) {
    assert.equal(shown(unknown), 1280, unknown)
  }
})

test('no record, however broken, throws or hangs', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      parseAvcConfig(Buffer.from(bytes))
      parseAvcConfig(Buffer.concat([avcRecords.hd30.subarray(0, 8 + (bytes.length % 24)), bytes]))
    }),
    { numRuns: 3000, seed: 1 },
  )
})
