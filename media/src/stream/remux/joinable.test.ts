import assert from 'node:assert/strict'
import { test } from 'node:test'
import { avcRecords } from '../testing/flv-messages.ts'
import { parseAvcConfig } from './avc.ts'
import { entryOf } from './joinable.ts'

const config = parseAvcConfig(avcRecords.hd30)
const sample = (hex: string, keyFrame = true) => ({
  dts: 0,
  pts: 0,
  duration: 1,
  keyFrame,
  data: Buffer.from(hex, 'hex'),
})

test('players begin with an IDR picture, and not with a recovery point that is called a key frame', () => {
  assert.equal(entryOf(sample('0000000209f0000000026588'), config), 'idr')
  assert.equal(entryOf(sample('0000000406060180000000024188'), config), 'recovery')
  assert.equal(entryOf(sample('0000000406060180000000024188', false), config), 'recovery', 'whatever its tag calls it')
  assert.equal(entryOf(sample('000000024188', false), config), undefined)
})

test('lengths are as long as the record says; what cannot be looked into is what its tag says', () => {
  const record = Buffer.from(avcRecords.hd30)
  record[4] = 0xfd // lengths of two bytes
  assert.equal(entryOf(sample('00024188'), parseAvcConfig(record)), 'recovery')
  assert.equal(entryOf(sample('00026588'), parseAvcConfig(record)), 'idr')
  assert.equal(entryOf(sample('ffffff'), config), 'idr')
})
