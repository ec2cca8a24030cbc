import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyFrameIntervalPattern } from '@mytaek1/contracts/encoder-advice.ts'
import { EncoderAdvice } from './encoder-advice.ts'
import { StreamMeter } from './stream-meter.ts'

const far = (keyFrameSeconds: number) => ({ keyFrameSeconds, hasRecoveryPoints: false, notTaken: undefined })

test('key frames every 8.3 s: the seller is told to set 2, with a number that commerce can read', () => {
  const [reason, message = ''] = new EncoderAdvice().of(far(8.333)) ?? []
  assert.equal(reason, 'KeyFramesFarApart')
  assert.equal(message, 'The encoder sends a key frame every 8.3 s: set its key-frame interval to 2 seconds')
  assert.equal(keyFrameIntervalPattern.exec(message)?.[1], '8.3')
})

test('an interval that trembles is told once; one that was set right is taken back', () => {
  const advice = new EncoderAdvice()
  const told = [8.33, 8.37, 8.28, 5, 2, 2].map(
    (seconds) => keyFrameIntervalPattern.exec(advice.of(far(seconds))?.[1] ?? '')?.[1],
  )
  assert.deepEqual(told, ['8.3', '8.3', '8.3', '5', undefined, undefined])
})

test('a scene that brings a key frame of its own does not take the advice back', () => {
  const longestAfter = (keySeconds: readonly number[]) => {
    const meter = new StreamMeter()
    const end = keySeconds.at(-1) ?? 0
    for (let second = 0; second <= end; second += 0.5)
      meter.frame(100, keySeconds.includes(second) ? 'idr' : undefined, second * 1_000)
    return meter.longKeyFrameIntervalSeconds(end * 1_000)
  }
  assert.equal(longestAfter([0, 8]), 8)
  assert.equal(longestAfter([0, 8, 9, 17]), 8)
  assert.equal(longestAfter([0, 8, 10, 12, 14, 16]), 2)
})

test('one key frame for ever changes the words ever more seldom', () => {
  const advice = new EncoderAdvice()
  const said = new Set(Array.from({ length: 3600 }, (_, second) => advice.of(far(second))?.[1]))
  assert.ok(said.size < 130, `${said.size} messages an hour`)
  assert.ok(said.size > 5)
})

test('key frames that players cannot begin with: the word is to switch intra refresh and open GOPs off, without a number', () => {
  const advice = new EncoderAdvice()
  const said = [5, 9, 60].map((keyFrameSeconds) => advice.of({ ...far(keyFrameSeconds), hasRecoveryPoints: true }))
  assert.equal(said[0]?.[0], 'KeyFramesNotIdr')
  assert.match(said[0]?.[1] ?? '', /switch intra refresh and open GOP off/)
  assert.equal(new Set(said.map((advice) => advice?.[1])).size, 1)
  assert.equal(keyFrameIntervalPattern.exec(said[0]?.[1] ?? ''), null)
  assert.equal(advice.of({ ...far(2), hasRecoveryPoints: true }), undefined, 'with others in between')
})

test('a kind that the broadcast began without is told of before anything else', () => {
  assert.equal(new EncoderAdvice().of({ ...far(9), notTaken: 'audio' })?.[0], 'SoundNotTaken')
  assert.equal(new EncoderAdvice().of({ ...far(2), notTaken: 'video' })?.[0], 'PictureNotTaken')
})

test('a meter tells recovery points while they come', () => {
  const meter = new StreamMeter()
  meter.frame(100, 'idr', 0)
  for (let ms = 100; ms <= 4_000; ms += 100) meter.frame(100, ms % 1_000 === 0 ? 'recovery' : undefined, ms)
  assert.equal(meter.hasRecoveryPoints(4_000), true)
  for (let ms = 4_100; ms <= 30_000; ms += 100) meter.frame(100, ms % 1_000 === 0 ? 'idr' : undefined, ms)
  assert.equal(meter.hasRecoveryPoints(30_000), false)
})

test('an uplink that stopped for a moment does not hide that key frames do not come', () => {
  const meter = new StreamMeter()
  for (let ms = 1_000; ms <= 8_000; ms += 100) meter.frame(100, ms === 1_000 ? 'idr' : undefined, ms)
  for (let ms = 9_200; ms <= 16_000; ms += 100) meter.frame(100, undefined, ms)
  assert.equal(meter.longKeyFrameIntervalSeconds(16_000), 6.8)
})
