import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aliveEventType } from '@mytaek1/contracts/alive-event.ts'
import { streamedEventShape, streamedOrderShape } from './schema.ts'

test('what a quiet stream says is documented, of shows and of orders alone', () => {
  const event = { event: aliveEventType, data: '{}' }
  for (const shape of [streamedEventShape, streamedOrderShape]) {
    assert.deepEqual(shape.parse(event), event)
    assert.throws(() => shape.parse({ event: 'nothing known', data: '{}' }))
  }
})
