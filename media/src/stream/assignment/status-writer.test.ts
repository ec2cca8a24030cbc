import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { StatusWriter, type StreamFacts } from './status-writer.ts'

/** A writer, and what it sends. */
function writer() {
  const sent: object[] = []
  const waiting: (() => void)[] = []
  const patch = (_resource: object, _address: object, body: object) => {
    sent.push(body)
    for (const wake of waiting.splice(0)) wake()
    return Promise.resolve()
  }
  const no = { status: false, reason: 'WaitingForEncoder', message: '' }
  const facts: StreamFacts = {
    publishing: no,
    playable: no,
    mediaSequence: undefined,
    recording: undefined,
  }
  const one = new StatusWriter({
    api: { patch } as unknown as KubernetesApi, // only this method is called
    namespace: 'shop',
    name: 'b-1',
    listening,
    log: createLogger({ service: 'test', level: 'error' }),
    facts: () => facts,
  })
  return { one, sent, facts, next: () => new Promise<void>((resolve) => waiting.push(resolve)) }
}
const listening = { podName: 'stream-1', podIP: '10.0.0.7', at: '2026-01-01T00:00:00.000Z' }

test('the first thing written says which Pod listens, so that nobody has to wait until kubelet has noticed', () => {
  const { one, sent } = writer()
  one.changed()
  one.close()
  const { type, fieldManager, body } = sent[0] as { type: string; fieldManager: string; body: { status: object } }
  assert.deepEqual([type, fieldManager], ['apply', 'stream'])
  assert.deepEqual(Reflect.get(body.status, 'listening'), listening)
})

test('what has been written is not written again', async () => {
  const { one, sent, facts, next } = writer()
  one.changed()
  await setImmediate()
  one.changed()
  await setImmediate()
  assert.equal(sent.length, 1)
  facts.publishing = { status: true, reason: 'Receiving', message: '' }
  const written = next()
  one.changed()
  await written
  one.close()
  assert.equal(sent.length, 2)
})

test('what nobody waits for is written a little later, and no more than once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { one, sent } = writer()
  one.soon()
  one.soon()
  t.mock.timers.tick(700)
  assert.equal(sent.length, 0)
  t.mock.timers.tick(800)
  assert.equal(sent.length, 1)
  one.close()
})
