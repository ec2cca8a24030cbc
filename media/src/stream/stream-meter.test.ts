import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StreamMeter } from './stream-meter.ts'

/** Pictures at 25 a second with a key frame every two seconds, from `fromMs` on. */
function send(meter: StreamMeter, fromMs: number, seconds: number): void {
  for (let frame = 0; frame < seconds * 25; frame += 1)
    meter.frame(1000, frame % 50 === 0 ? 'idr' : undefined, fromMs + frame * 40)
}

test('rates are those of the last seconds', () => {
  const meter = new StreamMeter()
  send(meter, 0, 10)
  assert.ok(Math.abs(meter.frameRate(10_000) - 25) < 2)
  assert.ok(Math.abs(meter.bitrateBps(10_000) - 200_000) < 16_000)
  assert.equal(meter.frameRate(20_000), 0)
})

test('the interval of key frames is measured between two of one run: an outage is none', () => {
  const meter = new StreamMeter()
  send(meter, 0, 5)
  assert.equal(meter.keyFrameIntervalSeconds(5000), 2)
  send(meter, 35_000, 1)
  assert.equal(meter.keyFrameIntervalSeconds(36_000), 2)
  send(meter, 36_000, 1)
  assert.equal(meter.keyFrameIntervalSeconds(37_000), 1)
})

test('one key frame and none after it is an interval that grows while pictures come', () => {
  const meter = new StreamMeter()
  for (let frame = 0; frame < 750; frame += 1) meter.frame(1000, frame === 0 ? 'idr' : undefined, frame * 40)
  assert.equal(meter.keyFrameIntervalSeconds(4000), 0, 'it may come yet')
  assert.equal(meter.keyFrameIntervalSeconds(30_000), 30)
  assert.equal(meter.longKeyFrameIntervalSeconds(30_000), 30)
  assert.equal(meter.keyFrameIntervalSeconds(40_000), 0, 'the encoder is away')
})

test('a long interval is one that came twice: an encoder may be held up once', () => {
  const meter = new StreamMeter()
  send(meter, 0, 4)
  for (let frame = 0; frame < 10; frame += 1) meter.frame(1000, undefined, 4000 + frame * 500)
  send(meter, 9000, 4)
  assert.equal(meter.longKeyFrameIntervalSeconds(13_000), 2)
  assert.equal(meter.keyFrameIntervalSeconds(13_000), 2)
  const slow = new StreamMeter()
  for (let frame = 0; frame < 1000; frame += 1) slow.frame(1000, frame % 208 === 0 ? 'idr' : undefined, frame * 40)
  assert.equal(slow.longKeyFrameIntervalSeconds(40_000), 8.32)
})
