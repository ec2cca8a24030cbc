import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broadcasts, parseBare } from './resource.ts'

test('an object is kept without the record of who owns its fields', () => {
  const answer = {
    apiVersion: broadcasts.apiVersion,
    kind: 'Broadcast',
    metadata: {
      name: 'b-1',
      namespace: 'shop',
      uid: 'u',
      resourceVersion: '1',
      managedFields: [{ manager: 'kubectl' }],
    },
    spec: { title: 't', seller: 's', streamKey: {} },
  }
  const broadcast = parseBare(broadcasts, answer)
  assert.equal(broadcast.metadata.name, 'b-1')
  assert.ok(!('managedFields' in broadcast.metadata))
  assert.throws(() => parseBare(broadcasts, 'not an object'))
})
