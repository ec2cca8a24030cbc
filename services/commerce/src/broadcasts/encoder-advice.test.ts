import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Broadcast as BroadcastObject, Condition } from '@mytaek1/contracts/broadcast-resource.ts'
import { encoderAdviceReasons } from '@mytaek1/contracts/encoder-advice.ts'
import { adviceCodes, encoderAdviceOf } from './encoder-advice.ts'

const publishing = (reason: string, message: string): Condition => ({
  type: 'Publishing',
  status: 'True',
  reason,
  message,
  lastTransitionTime: '2026-11-29T00:00:00Z',
})
const objectWith = (...conditions: Condition[]) => ({ status: { conditions } }) as BroadcastObject

test('what the stream Pod says of the key frames becomes a code and a number', () => {
  const message = 'The encoder sends a key frame every 8.3 s: set its key-frame interval to 2 seconds'
  assert.deepEqual(encoderAdviceOf(objectWith(publishing('KeyFramesFarApart', message))), {
    code: 'key_frames_far_apart',
    keyFrameIntervalSeconds: 8.3,
    setKeyFrameIntervalSeconds: 2,
  })
  const none = encoderAdviceOf(objectWith(publishing('NoKeyFrame', 'The encoder sends pictures without a key frame')))
  assert.equal(none?.code, 'no_key_frame')
  assert.equal(none.keyFrameIntervalSeconds, null)
})

test('every word that the stream Pod has for the encoder has a code', () => {
  const codes = Object.values(encoderAdviceReasons).map(
    (reason) => encoderAdviceOf(objectWith(publishing(reason, '')))?.code,
  )
  assert.deepEqual(new Set(codes), new Set(adviceCodes))
})

test('an encoder that is set well needs no advice, and an object without a status has none', () => {
  assert.equal(encoderAdviceOf(objectWith(publishing('Receiving', 'The encoder sends'))), undefined)
  assert.equal(encoderAdviceOf({} as BroadcastObject), undefined)
})
