import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admission } from './admission.ts'

test('a minute’s worth of the measured rate is let in, and more once it is faster', () => {
  let now = 0
  const admission = new Admission({ slowestPerSecond: 0.1, now: () => now })
  for (let n = 0; n < 6; n += 1) admission.enter(`buyer-${n}`)
  assert.throws(() => admission.enter('one-more'), { code: 'payments_busy' })
  for (let n = 0; n < 6; n += 1) admission.leave(`buyer-${n}`, true) // six within ten seconds: 36 a minute
  for (let n = 0; n < 36; n += 1) admission.enter(`next-${n}`)
  assert.throws(() => admission.enter('one-more'), { code: 'payments_busy' })
  now = 10_001
  for (let n = 0; n < 31; n += 1) admission.leave(`next-${n}`, false)
  admission.enter('later')
  assert.throws(() => admission.enter('one-more'), { code: 'payments_busy' })
})

test('one buyer has no more than a few places, whatever is free', () => {
  const admission = new Admission({ slowestPerSecond: 1_000 })
  for (let n = 0; n < 20; n += 1) admission.enter('flood')
  assert.throws(() => admission.enter('flood'), { code: 'payments_busy' })
  admission.enter('somebody else')
})
