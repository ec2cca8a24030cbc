import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyFrameIntervalPattern } from '@mytaek1/contracts/encoder-advice.ts'
import { EncoderAdvice } from './encoder-advice.ts'
import { StreamMeter } from './stream-meter.ts'

test('key frames every 8.3 s: the seller is told to set 2, with a number that commerce can read', () => {
  const [reason, message = ''] = new EncoderAdvice().of(8.333) ?? []
  assert.equal(reason, 'KeyFramesFarApart')
  assert.equal(message, 'The encoder sends a key frame every 8.3 s: set its key-frame interval to 2 seconds')
  assert.equal(keyFrameIntervalPattern.exec(message)?.[1], '8.3')
})

test('an interval that trembles is told once; one that was set right is taken back', () => {
  const advice = new EncoderAdvice()
  const told = [8.33, 8.37, 8.28, 5, 2, 2].map(
    (seconds) => keyFrameIntervalPattern.exec(advice.of(seconds)?.[1] ?? '')?.[1],
  )
  assert.deepEqual(told, ['8.3', '8.3', '8.3', '5', undefined, undefined])
})

test('a scene that brings a key frame of its own does not take the advice back', () => {
  const longestAfter = (keySeconds: readonly number[]) => {
    const meter = new StreamMeter()
    const end = keySeconds.at(-1) ?? 0
    for (let second = 0; second <= end; second += 0.5) meter.frame(100, keySeconds.includes(second), second * 1_000)
    return meter.longKeyFrameIntervalSeconds(end * 1_000)
  }
  assert.equal(longestAfter([0, 8]), 8)
  assert.equal(longestAfter([0, 8, 9, 17]), 8)
  assert.equal(longestAfter([0, 8, 10, 12, 14, 16]), 2)
})

test('one key frame for ever changes the words ever more seldom', () => {
  const advice = new EncoderAdvice()
  const said = new Set(Array.from({ length: 3600 }, (_, second) => advice.of(second)?.[1]))
  assert.ok(said.size < 130, `${said.size} messages an hour`)
  assert.ok(said.size > 5)
})
