import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StreamMeter } from './stream-meter.ts'

/** Pictures at 25 a second with a key frame every two seconds, from `fromMs` on. */
function send(meter: StreamMeter, fromMs: number, seconds: number): void {
  for (let frame = 0; frame < seconds * 25; frame += 1) meter.frame(1000, frame % 50 === 0, fromMs + frame * 40)
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
  assert.equal(meter.keyFrameIntervalSeconds, 2)
  send(meter, 35_000, 1)
  assert.equal(meter.keyFrameIntervalSeconds, 2)
  send(meter, 36_000, 1)
  assert.equal(meter.keyFrameIntervalSeconds, 1)
})
