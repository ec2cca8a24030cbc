import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import type { Assignment } from './assignment.ts'
import { startReport } from './report.ts'
import { SequenceRecord } from './sequence-record.ts'

const assignment: Assignment = {
  broadcast: 'b-1',
  streamKeySha256: 'a'.repeat(64),
  latency: 'Low',
  dvrWindowSeconds: 600,
  ladder: undefined,
  encoderPreset: undefined,
  recording: false,
  createdAtMs: 0,
  sequence: undefined,
  state: 'open',
}

/** A live stream that measures something else each time it is asked, and whose every write comes back by the watch. */
function liveStream() {
  const writes: { kind: string; body: { status?: { conditions: { type: string; message: string }[] } } }[] = []
  const listeners: ((assignment: Assignment) => void)[] = []
  const record = new SequenceRecord(2)
  let current = assignment
  const tell = (change: Partial<Assignment> = {}) => {
    current = { ...current, ...change }
    for (const listener of listeners) listener(current)
  }
  const patch = ({ kind }: { kind: string }, _address: object, { body }: { body: object }) => {
    writes.push({ kind, body })
    if (kind === 'Broadcast') queueMicrotask(() => tell())
    return Promise.resolve()
  }
  const report = startReport({
    api: { patch } as unknown as KubernetesApi, // only this method is called
    namespace: 'shop',
    podName: 'stream-1',
    podUID: 'uid',
    listening: undefined,
    assignments: {
      subscribe: (listener) => {
        listeners.push(listener)
        listener(current)
      },
    },
    isWarm: () => true,
    facts: () => {
      const sequence = record.take()
      return {
        publishing: { status: true, reason: 'Receiving', message: '' },
        playable: { status: true, reason: 'PlaylistServed', message: '' },
        mediaSequence: sequence && { ...sequence, at: new Date(sequence.atMs).toISOString() },
        recording: undefined,
      }
    },
    health: () => ({
      bitrateBps: Math.random() * 1e6,
      frameRate: 30,
      keyFrameIntervalSeconds: 2,
      width: 640,
      height: 360,
      droppedFrames: 0,
      rungs: ['source'],
    }),
    log: createLogger({ service: 'test', level: 'error' }),
  })
  return { report, record, writes, tell }
}
const of = (writes: ReturnType<typeof liveStream>['writes'], kind: string) => writes.filter((one) => one.kind === kind)

test('a live stream writes its Lease every 10 s, and to its Broadcast nothing once it is said: its own writes cause none', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] })
  const { report, record, writes } = liveStream()
  t.after(() => report.stop())
  for (let number = 0; number < 60; number += 1) {
    if (record.segmentStarted(number, 0, Date.now())) report.changed()
    for (let step = 0; step < 4; step += 1) {
      t.mock.timers.tick(500)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  assert.ok(of(writes, 'Broadcast').length <= 2, `${of(writes, 'Broadcast').length} writes in two minutes`)
  assert.equal(of(writes, 'Lease').length, 12)
})

test('an edit of the ladder says when it takes effect, and no more once it is taken back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { report, writes, tell } = liveStream()
  t.after(() => report.stop())
  const settle = async () => {
    t.mock.timers.tick(2_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await settle()
  const applied = () => writes.at(-1)?.body.status?.conditions.find(({ type }) => type === 'SpecApplied')
  assert.equal(applied(), undefined)
  tell({ ladder: [{ height: 480, bitrateBps: 900_000 }] })
  await settle()
  assert.match(applied()?.message ?? '', /spec\.ladder.*next Pod/)
  tell({ ladder: undefined })
  await settle()
  assert.equal(applied(), undefined)
})
