import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { StatusWriter, type StreamFacts } from './status-writer.ts'

test('the first thing written says which Pod listens, so that nobody has to wait until kubelet has noticed', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  // Only this method is called.
  const api = { patch: (_resource: object, _address: object, patch: object) => Promise.resolve(resolve(patch)) }
  const listening = { podName: 'stream-1', podIP: '10.0.0.7', at: '2026-01-01T00:00:00.000Z' }
  const no = { status: false, reason: 'WaitingForEncoder', message: '' }
  const facts: StreamFacts = { publishing: no, playable: no, health: undefined, mediaSequence: undefined }
  const log = createLogger({ service: 'test', level: 'error' })
  const place = { namespace: 'shop', name: 'b-1' }
  const writer = new StatusWriter({
    ...place,
    api: api as unknown as KubernetesApi,
    listening,
    log,
    facts: () => facts,
  })
  writer.changed()
  const { type, fieldManager, body } = (await promise) as {
    type: string
    fieldManager: string
    body: { status: object }
  }
  writer.close()
  assert.deepEqual([type, fieldManager], ['apply', 'stream'])
  assert.deepEqual(Reflect.get(body.status, 'listening'), listening)
})
