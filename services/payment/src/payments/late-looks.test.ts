import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextLateLook } from './late-looks.ts'

const at = new Date('2026-11-30T12:00:00Z')
const looksOf = (reason: string) => {
  const looks: number[] = []
  for (let now = at; ;) {
    const next = nextLateLook({ reason, at }, now)
    if (next === null) return looks
    looks.push((next.getTime() - at.getTime()) / 1_000)
    now = next
  }
}

test('what ended because its time was over is looked at four times within a day', () => {
  for (const reason of ['interrupted', 'expired']) assert.deepEqual(looksOf(reason), [30, 300, 3_600, 86_400])
})

test('what ended by somebody’s word is looked at when somebody tells of it', () => {
  for (const reason of ['card_declined', 'buyer_left', 'order_released']) assert.deepEqual(looksOf(reason), [])
})

test('a look that comes late is followed by the next that is still to come', () => {
  const now = new Date(at.getTime() + 400_000)
  assert.deepEqual(nextLateLook({ reason: 'interrupted', at }, now), new Date(at.getTime() + 3_600_000))
})
