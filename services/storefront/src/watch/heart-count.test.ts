import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flying, pressed } from './heart-count.ts'

test('presses beyond what one request takes are not counted', () => {
  let waiting = 0
  for (let press = 0; press < 30; press++) waiting = pressed(waiting)
  assert.equal(waiting, 10)
})

test('a thousand hearts let five fly, none when the sum is older', () => {
  assert.deepEqual([flying(0, 2), flying(0, 1_000), flying(7, 7), flying(9, 7)], [2, 5, 0, 0])
})
