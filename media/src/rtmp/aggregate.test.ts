import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAggregate } from './aggregate.ts'

const tag = (type: number, time: string, body: string) =>
  `0${type}${(body.length / 2).toString(16).padStart(6, '0')}${time}000000${body}00000000`

test('the messages of an aggregate are as far apart as their own times say, from the time of the aggregate on', () => {
  const payload = Buffer.from(tag(9, '00000500', '1701') + tag(8, '00001a00', 'af01') + tag(8, '00002f00', ''), 'hex')
  assert.deepEqual(readAggregate(payload, 0xfffffff0), [
    { type: 9, timestampMs: 0xfffffff0, body: Buffer.from('1701', 'hex') },
    { type: 8, timestampMs: 5, body: Buffer.from('af01', 'hex') },
    { type: 8, timestampMs: 26, body: Buffer.alloc(0) },
  ])
})

test('an aggregate may lack its last back pointer, not a message', () => {
  const whole = Buffer.from(tag(9, '00000000', '1701aabb'), 'hex')
  assert.equal(readAggregate(whole.subarray(0, -4), 0).length, 1)
  assert.throws(() => readAggregate(whole.subarray(0, -5), 0), { code: 'bad_aggregate' })
})
