import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaPoolShape } from '@mytaek1/contracts/broadcast-resource.ts'
import { followValues } from './default-pool.ts'

const pool = (spec: object, values?: object) =>
  mediaPoolShape.parse({
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'MediaPool',
    metadata: {
      name: 'default',
      namespace: 'shop',
      uid: 'pool',
      resourceVersion: '1',
      annotations: values && { 'live.mytaek1.dev/values': JSON.stringify(values) },
    },
    spec: { min: 0, max: 100, buffer: 1, ...spec },
  })
const before = { buffer: 1, max: 100 }

test('a value that changed is taken over; one that did not leaves people and autoscalers their say', () => {
  const scaled = pool({ buffer: 7 }, before)
  assert.equal(followValues(scaled, before), undefined)
  assert.deepEqual(followValues(scaled, { buffer: 1, max: 50 })?.spec, { buffer: 7, max: 50, min: 0 })
  assert.deepEqual(followValues(scaled, { buffer: 3, max: 100 })?.spec, { buffer: 3, max: 100, min: 0 })
  assert.deepEqual(followValues(scaled, { buffer: 0, max: 100 })?.spec, { buffer: 0, max: 100, min: 0 })
})

test('what follows is a pool that the definition takes', () => {
  assert.deepEqual(followValues(pool({ buffer: 9, min: 8 }, before), { buffer: 1, max: 5 })?.spec, {
    buffer: 5,
    max: 5,
    min: 5,
  })
})

test('a pool that others made is left alone', () => {
  assert.equal(followValues(pool({}), { buffer: 3, max: 100 }), undefined)
})
