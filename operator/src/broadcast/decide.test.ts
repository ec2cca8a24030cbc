import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broadcastFinalizer, broadcastShape, labels, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { pods, type Pod } from '../kubernetes/api.ts'
import { decide } from './decide.ts'
import { durationMs } from './duration.ts'
import { livePodName } from './names.ts'
import { parsePodTemplate } from '../stream-pod/template.ts'
import type { Observed, Plan } from './plan.ts'

const now = new Date('2026-01-01T12:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString()
const sha256 = 'a'.repeat(64)
const meta = { name: 'b-1', uid: 'uid-b' }

interface Facts {
  spec?: object
  status?: object
  deletedSecondsAgo?: number
  finalizers?: string[]
}
function broadcast({ spec, status, deletedSecondsAgo, finalizers = [broadcastFinalizer] }: Facts = {}): Broadcast {
  return broadcastShape.parse({
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: {
      ...meta,
      namespace: 'shop',
      resourceVersion: '7',
      generation: 1,
      finalizers,
      ...(deletedSecondsAgo === undefined ? {} : { deletionTimestamp: ago(deletedSecondsAgo) }),
    },
    spec: { title: 't', seller: 'ann', streamKey: { sha256 }, ...spec },
    status,
  })
}

type PodState = 'ready' | 'starting' | 'unready' | 'failed' | 'leaving'
function pod(name: string, state: PodState = 'ready', of: string | undefined = 'b-1', since = 0): Pod {
  const ready = state === 'ready' || state === 'leaving'
  const condition = {
    type: 'Ready',
    status: ready ? 'True' : 'False',
    ...(state === 'unready' ? { lastTransitionTime: ago(since) } : {}),
  }
  return pods.parse({
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: ago(60),
      labels: of === undefined || of === '' ? {} : { [labels.broadcast]: of },
      ...(state === 'leaving' ? { deletionTimestamp: ago(since) } : {}),
    },
    spec: { containers: [{ name: 'stream' }] },
    status: {
      phase: state === 'failed' ? 'Failed' : state === 'starting' ? 'Pending' : 'Running',
      ...(state === 'starting' ? {} : { podIP: '10.0.0.1' }),
      conditions: [condition],
    },
  })
}

const see = (facts: Partial<Observed>): Observed => ({
  broadcast: broadcast(),
  key: { sha256 },
  assigned: undefined,
  others: [],
  warm: undefined,
  full: false,
  ingestGone: false,
  blueprint: { template: parsePodTemplate({ containers: [{ name: 'stream' }] }), hash: 'new' },
  isStale: false,
  newer: undefined,
  failure: undefined,
  isClosing: false,
  rushMs: 0,
  silentMs: Number.POSITIVE_INFINITY,
  publicHttpUrl: 'http://shop.test',
  lingerMs: 30_000,
  ...facts,
})
const publisher = { sessionId: 's', ingestPod: 'ingest-0', connectedAt: ago(30) }
const connected = (status: object = {}) => broadcast({ status: { publisher, ...status } })
const assignedTo = (name: string, status: object = {}) =>
  connected({ podName: name, podUID: `uid-${name}`, podIP: '10.0.0.1', ...status })
/** What is written, in order; Events are beside it. */
const types = (plan: Plan) => plan.actions.map(({ type }) => type).filter((type) => type !== 'tell')
const news = (plan: Plan) => plan.actions.flatMap((action) => (action.type === 'tell' ? [action.reason] : []))
function statusOf(plan: Plan) {
  const action = plan.actions.find((one) => one.type === 'applyStatus')
  assert.equal(action?.type, 'applyStatus')
  return action.status
}
const reason = (plan: Plan, type: string) => statusOf(plan).conditions.find((one) => one.type === type)?.reason

/** The same Broadcast after the plan's status was written. */
function after(plan: Plan, before: Broadcast): Broadcast {
  const applied = plan.actions.find((one) => one.type === 'applyStatus')
  if (applied?.type !== 'applyStatus') return before
  const { podName: _name, podUID: _uid, podIP: _ip, ...kept } = before.status ?? {}
  return { ...before, status: { ...kept, ...applied.status } }
}

test('an open broadcast waits for its encoder, and is told so once', () => {
  const first = see({ broadcast: broadcast({ finalizers: [] }) })
  const plan = decide(first, now)
  assert.deepEqual(types(plan), ['applyStatus'])
  assert.equal(statusOf(plan).phase, 'Open')
  assert.equal(reason(plan, 'PodAssigned'), 'WaitingForEncoder')
  const again = decide({ ...first, broadcast: after(plan, first.broadcast) }, new Date(now.getTime() + 60_000))
  assert.deepEqual(again, { actions: [] }, 'nothing is written and nothing is asked for when nothing changed')
})

const unguarded = (one: Broadcast): Broadcast => ({ ...one, metadata: { ...one.metadata, finalizers: [] } })

test('the finalizer comes with the first Pod, before it is made or labelled', () => {
  assert.deepEqual(types(decide(see({ broadcast: unguarded(broadcast()) }), now)), ['applyStatus'], 'idle: none')
  const cold = decide(see({ broadcast: unguarded(connected()) }), now)
  assert.deepEqual(types(cold), ['applyStatus', 'addFinalizer', 'createPod'])
  const warm = pod('w-1', 'ready', '')
  const chosen = decide(see({ broadcast: unguarded(connected()), warm }), now)
  assert.deepEqual(types(chosen), ['applyStatus'], 'an encoder hears of its Pod by the first write')
  const adopted = decide(see({ broadcast: after(chosen, unguarded(connected())), assigned: warm }), now)
  assert.deepEqual(types(adopted), ['addFinalizer', 'adoptPod'])
})

test('the finalizer goes when the broadcast has ended and its Pods are gone, and from one that never had any', () => {
  const ended = assignedTo('p-1', { endedAt: ago(31) })
  assert.ok(!types(decide(see({ broadcast: ended, assigned: pod('p-1', 'leaving') }), now)).includes('removeFinalizer'))
  assert.deepEqual(types(decide(see({ broadcast: ended }), now)), ['applyStatus', 'removeFinalizer'])
  assert.deepEqual(types(decide(see({}), now)), ['applyStatus', 'removeFinalizer'], 'an older version set it at once')
  const waits = connected({ podName: 'p-2' })
  assert.ok(!types(decide(see({ broadcast: waits, full: true }), now)).includes('removeFinalizer'))
})

test('in a namespace that is being deleted a live broadcast ends at once, and its Pod has a short time', () => {
  const plan = decide(see({ broadcast: assignedTo('p-1'), assigned: pod('p-1'), isClosing: true }), now)
  assert.equal(statusOf(plan).phase, 'Ended')
  assert.deepEqual(
    plan.actions.find(({ type }) => type === 'deletePod'),
    { type: 'deletePod', pod: pod('p-1'), gracePeriodSeconds: 10 },
  )
  const slow = decide(
    see({ broadcast: assignedTo('p-1'), assigned: pod('p-1', 'leaving', 'b-1', -300), isClosing: true }),
    now,
  )
  assert.equal(
    slow.actions.find(({ type }) => type === 'deletePod')?.type,
    'deletePod',
    'its five minutes are cut short',
  )
  assert.equal(statusOf(decide(see({ isClosing: true }), now)).phase, 'Open', 'an idle one needs nothing')
})

test('an encoder gets a warm Pod: recorded first, then the Pod is made its own', () => {
  const warm = pod('w-1', 'ready', '')
  const plan = decide(see({ broadcast: connected(), warm }), now)
  assert.deepEqual(types(plan), ['applyStatus'])
  assert.equal(plan.chosen, warm)
  const next = decide(see({ broadcast: after(plan, connected()), assigned: warm }), now)
  assert.deepEqual(next.actions, [{ type: 'adoptPod', pod: warm }])
  const inRush = decide(see({ broadcast: after(plan, connected()), assigned: warm, rushMs: 250 }), now)
  assert.deepEqual(inRush, { actions: [], requeueAfterMs: 250 }, 'other encoders hear of their Pods first')
  assert.equal(statusOf(plan).podName, 'w-1')
  assert.equal(statusOf(plan).podUID, 'uid-w-1')
  assert.equal(reason(plan, 'PodAssigned'), 'PodReady')
  assert.equal(statusOf(plan).phase, 'Starting')
})

test('a Pod that says it listens is assigned before kubelet has noticed; what kubelet finds later counts more', () => {
  const name = livePodName(meta, '')
  const listening = { podName: name, podIP: '10.0.0.7', at: ago(5) }
  const heard = see({ broadcast: connected({ podName: name, listening }), assigned: pod(name, 'starting') })
  const plan = decide(heard, now)
  assert.equal(reason(plan, 'PodAssigned'), 'PodReady')
  assert.equal(statusOf(plan).podUID, `uid-${name}`)
  assert.equal(statusOf(plan).podIP, '10.0.0.7')
  const next = after(plan, heard.broadcast)
  assert.deepEqual(types(decide({ ...heard, broadcast: next }, now)), [])
  const noticed = { ...pod(name), status: { ...pod(name).status, podIP: '10.0.0.7' } }
  assert.deepEqual(types(decide({ ...heard, broadcast: next, assigned: noticed }, now)), [], 'costs no write')

  const predecessor = { ...listening, podName: 'another' }
  const unheard = see({ ...heard, broadcast: connected({ podName: name, listening: predecessor }) })
  assert.equal(reason(decide(unheard, now), 'PodAssigned'), 'PodStarting')
  const broken = decide({ ...heard, broadcast: next, assigned: pod(name, 'unready', 'b-1', 3) }, now)
  assert.equal(reason(broken, 'PodAssigned'), 'PodNotReady')
})

test('a crash between record and adoption is made good', () => {
  const plan = decide(see({ broadcast: assignedTo('w-1'), assigned: pod('w-1', 'ready', '') }), now)
  assert.equal(plan.actions[0]?.type, 'adoptPod')
})

test('without a warm Pod one is recorded, then made under the recorded name', () => {
  const first = see({ broadcast: connected() })
  const plan = decide(first, now)
  assert.deepEqual(types(plan), ['applyStatus', 'createPod'])
  const name = livePodName(meta, '')
  assert.deepEqual(plan.actions[1], { type: 'createPod', name })
  assert.equal(statusOf(plan).podName, name)
  assert.equal(statusOf(plan).podUID, undefined)
  // The process dies before the creation: the next one makes the same Pod.
  const recorded = after(plan, first.broadcast)
  assert.deepEqual(decide(see({ broadcast: recorded }), now).actions[0], { type: 'createPod', name })
  // It is made and starts: nothing to do.
  const starting = decide(see({ broadcast: recorded, assigned: pod(name, 'starting') }), now)
  assert.deepEqual(starting.actions, [])
  // It is ready: published.
  const ready = decide(see({ broadcast: recorded, assigned: pod(name) }), now)
  assert.equal(statusOf(ready).podIP, '10.0.0.1')
})

test('a warm Pod that another broadcast has meanwhile is given up for another one', () => {
  const plan = decide(
    see({ broadcast: assignedTo('w-1'), assigned: pod('w-1', 'ready', 'b-2'), warm: pod('w-2', 'ready', '') }),
    now,
  )
  assert.equal(statusOf(plan).podName, 'w-2')
  assert.ok(!types(plan).includes('deletePod'))
})

test('a Pod that failed is replaced first and removed then', () => {
  const dead = pod('p-1', 'failed')
  const plan = decide(see({ broadcast: assignedTo('p-1'), assigned: dead, warm: pod('w-1', 'ready', '') }), now)
  assert.deepEqual(types(plan), ['applyStatus', 'deletePod'])
  assert.equal(statusOf(plan).podName, 'w-1')
})

test('Pods that fail again and again are made with growing pauses', () => {
  const plan = decide(
    see({
      broadcast: assignedTo('p-1'),
      assigned: pod('p-1', 'failed'),
      failure: { reason: 'PodFailing', message: 'the last Pods ended at once', notBeforeMs: now.getTime() + 4_000 },
    }),
    now,
  )
  assert.equal(reason(plan, 'PodAssigned'), 'PodFailing')
  assert.equal(plan.requeueAfterMs, 4_000)
  assert.ok(!types(plan).includes('createPod'))
})

test('a Pod that is not ready any more keeps its stream for 20 s', () => {
  const patient = decide(see({ broadcast: assignedTo('p-1'), assigned: pod('p-1', 'unready', 'b-1', 5) }), now)
  assert.equal(reason(patient, 'PodAssigned'), 'PodNotReady')
  assert.equal(patient.requeueAfterMs, 15_000)
  assert.ok(!types(patient).includes('deletePod'))
  const over = decide(see({ broadcast: assignedTo('p-1'), assigned: pod('p-1', 'unready', 'b-1', 21) }), now)
  assert.deepEqual(types(over).slice(-1), ['deletePod'])
})

test('a Pod that kubelet no longer answers for keeps its stream while it says every 10 s that it publishes', () => {
  const live = (publishing: 'True' | 'False') =>
    assignedTo('p-1', {
      conditions: [{ type: 'Publishing', status: publishing, reason: 'Receiving', lastTransitionTime: ago(600) }],
    })
  const judge = (publishing: 'True' | 'False', silentMs: number) =>
    decide(see({ broadcast: live(publishing), assigned: pod('p-1', 'unready', 'b-1', 240), silentMs }), now)
  const heard = judge('True', 11_000)
  assert.equal(reason(heard, 'PodAssigned'), 'PodReady')
  assert.equal(heard.requeueAfterMs, 14_000, 'its silence is no event')
  assert.ok(!types(heard).includes('deletePod'))
  assert.equal(statusOf(heard).podName, 'p-1')
  for (const lost of [judge('True', 25_000), judge('True', Number.POSITIVE_INFINITY), judge('False', 1_000)])
    assert.deepEqual(types(lost).slice(-1), ['deletePod'])
})

test('a Pod that leaves hands over to a warm one at once', () => {
  const plan = decide(
    see({ broadcast: assignedTo('p-1'), assigned: pod('p-1', 'leaving'), warm: pod('w-1', 'ready', '') }),
    now,
  )
  assert.equal(statusOf(plan).podName, 'w-1')
})

test('a Pod that leaves serves until the successor made for it is ready', () => {
  const leaving = pod('p-1', 'leaving')
  const name = livePodName(meta, 'uid-p-1')
  const first = decide(see({ broadcast: assignedTo('p-1'), assigned: leaving }), now)
  assert.equal(statusOf(first).podName, 'p-1')
  assert.equal(reason(first, 'Draining'), 'PodLeaving')
  assert.deepEqual(
    first.actions.find(({ type }) => type === 'createPod'),
    { type: 'createPod', name },
  )
  const held = after(first, assignedTo('p-1'))
  const second = decide(see({ broadcast: held, assigned: leaving, others: [pod(name, 'starting')] }), now)
  assert.deepEqual(second.actions, [])
  const third = decide(see({ broadcast: held, assigned: leaving, others: [pod(name)] }), now)
  assert.equal(statusOf(third).podName, name)
  assert.equal(reason(third, 'Draining'), 'NotDraining')
})

test('a lost Pod whose successor already starts is not given a third', () => {
  const name = livePodName(meta, 'uid-p-1')
  const plan = decide(see({ broadcast: assignedTo('p-1'), others: [pod(name, 'starting')] }), now)
  assert.equal(statusOf(plan).podName, name)
  assert.ok(!types(plan).includes('deletePod'))
})

test('a full pool is said, and asked again', () => {
  const plan = decide(see({ broadcast: connected(), full: true }), now)
  assert.equal(reason(plan, 'PodAssigned'), 'CapacityExceeded')
  assert.deepEqual(news(plan), ['CapacityExceeded'])
  assert.ok((plan.requeueAfterMs ?? 0) > 0)
  assert.ok(!types(plan).includes('createPod'))
})

test('what plays is Ready, and then the Pod gets its CPU', () => {
  const playing = [
    { type: 'Publishing', status: 'True', reason: 'Playing', lastTransitionTime: ago(1) },
    { type: 'Playable', status: 'True', reason: 'HasSegments', lastTransitionTime: ago(1) },
  ]
  const adopted = pod('w-1')
  adopted.metadata.annotations = { 'live.mytaek1.dev/live-cpu': '{"stream":"500m"}' }
  const plan = decide(see({ broadcast: assignedTo('w-1', { conditions: playing }), assigned: adopted }), now)
  assert.deepEqual(types(plan), ['applyStatus', 'raisePod'])
  assert.equal(statusOf(plan).phase, 'Live')
  assert.equal(reason(plan, 'Ready'), 'Playable')
  assert.deepEqual(news(plan), ['Live'])
})

test('an encoder that is gone leaves Pod and playlist for the window, then the broadcast ends', () => {
  const gone = (seconds: number) => assignedTo('p-1', { publisher: { ...publisher, disconnectedAt: ago(seconds) } })
  const within = decide(see({ broadcast: gone(10), assigned: pod('p-1') }), now)
  assert.equal(statusOf(within).phase, 'Interrupted')
  assert.equal(statusOf(within).podIP, '10.0.0.1')
  assert.equal(within.requeueAfterMs, 50_000)
  const over = decide(see({ broadcast: gone(60), assigned: pod('p-1') }), now)
  assert.equal(statusOf(over).phase, 'Ended')
  assert.equal(statusOf(over).endedAt, '2026-01-01T12:00:00Z')
  assert.equal(over.requeueAfterMs, 30_000)
})

test('in the window a Pod that is lost is not replaced: there is nothing to give it', () => {
  const gone = assignedTo('p-1', { publisher: { ...publisher, disconnectedAt: ago(10) } })
  const plan = decide(see({ broadcast: gone, warm: pod('w-1', 'ready', '') }), now)
  assert.equal(statusOf(plan).podName, undefined)
  assert.equal(reason(plan, 'PodAssigned'), 'PodLost')
})

test('an encoder on an ingest Pod that is gone counts as disconnected, unless its stream still flows', () => {
  const plan = decide(see({ broadcast: assignedTo('p-1'), assigned: pod('p-1'), ingestGone: true }), now)
  assert.deepEqual(types(plan), ['markDisconnected'])
  const flows = [{ type: 'Publishing', status: 'True', reason: 'Playing', lastTransitionTime: ago(1) }]
  const live = decide(
    see({ broadcast: assignedTo('p-1', { conditions: flows }), assigned: pod('p-1'), ingestGone: true }),
    now,
  )
  assert.ok(!types(live).includes('markDisconnected'))
})

test('an ended broadcast lingers 30 s, lets its Pod go and forgets its address', () => {
  const ended = (seconds: number) => ({ ...assignedTo('p-1', { endedAt: ago(seconds) }) })
  const lingering = decide(see({ broadcast: ended(10), assigned: pod('p-1') }), now)
  assert.equal(reason(lingering, 'Draining'), 'Ended')
  assert.ok(!types(lingering).includes('deletePod'))
  assert.deepEqual(types(decide(see({ broadcast: ended(31), assigned: pod('p-1') }), now)).slice(-1), ['deletePod'])
  assert.equal(statusOf(decide(see({ broadcast: ended(60) }), now)).podName, undefined)
})

test('an ended broadcast never gets a Pod again, whoever publishes', () => {
  const plan = decide(see({ broadcast: connected({ endedAt: ago(100) }), warm: pod('w-1', 'ready', '') }), now)
  assert.deepEqual(types(plan), ['applyStatus', 'removeFinalizer'])
  const bySpec = decide(
    see({ broadcast: broadcast({ spec: { state: 'Ended' }, status: { publisher } }), warm: pod('w', 'ready', '') }),
    now,
  )
  assert.deepEqual(types(bySpec), ['applyStatus', 'removeFinalizer'])
})

test('a key that cannot be read is said with its reason, and looked for again', () => {
  const secretRef = { streamKey: { secretRef: { name: 'key', key: 'k' } } }
  const problem = { reason: 'SecretNotFound', message: 'there is no Secret key' }
  const plan = decide(see({ broadcast: broadcast({ spec: secretRef }), key: { problem } }), now)
  assert.equal(statusOf(plan).phase, 'Failed')
  assert.equal(statusOf(plan).streamKeySha256, undefined)
  assert.equal(reason(plan, 'KeyAccepted'), 'SecretNotFound')
  assert.equal(reason(plan, 'Ready'), 'SecretNotFound')
  assert.equal(plan.requeueAfterMs, 5_000)
})

test('a deleted broadcast: end the playlist, then the Pods, then the finalizer', () => {
  const flowing = [{ type: 'Publishing', status: 'True', reason: 'Playing', lastTransitionTime: ago(60) }]
  const flushed = [{ type: 'Publishing', status: 'False', reason: 'Ended', lastTransitionTime: ago(1) }]
  const status = (conditions: object[]) => ({
    publisher,
    podName: 'p-1',
    podUID: 'uid-p-1',
    endedAt: ago(1),
    conditions,
  })
  const told = decide(
    see({ broadcast: broadcast({ deletedSecondsAgo: 1, status: status(flowing) }), assigned: pod('p-1') }),
    now,
  )
  assert.ok(!types(told).includes('deletePod'))
  const done = decide(
    see({ broadcast: broadcast({ deletedSecondsAgo: 2, status: status(flushed) }), assigned: pod('p-1') }),
    now,
  )
  assert.ok(types(done).includes('deletePod'))
  const late = decide(
    see({ broadcast: broadcast({ deletedSecondsAgo: 9, status: status(flowing) }), assigned: pod('p-1') }),
    now,
  )
  assert.ok(types(late).includes('deletePod'), 'a Pod that never answers does not hold the deletion up')
  const stuck = decide(
    see({
      broadcast: broadcast({ deletedSecondsAgo: 25, status: status(flowing) }),
      assigned: pod('p-1', 'leaving', 'b-1', 6),
    }),
    now,
  )
  assert.deepEqual(
    stuck.actions.find(({ type }) => type === 'deletePod'),
    { type: 'deletePod', pod: pod('p-1', 'leaving', 'b-1', 6), gracePeriodSeconds: 0 },
  )
  const evicted = (deletedSecondsAgo: number) =>
    decide(
      see({
        broadcast: broadcast({ deletedSecondsAgo, status: status(flowing) }),
        assigned: pod('p-1', 'leaving', 'b-1', -200),
      }),
      now,
    ).actions.find(({ type }) => type === 'deletePod')
  assert.equal(evicted(3), undefined, 'it reads of the deletion and leaves by itself')
  assert.deepEqual(evicted(9), {
    type: 'deletePod',
    pod: pod('p-1', 'leaving', 'b-1', -200),
    gracePeriodSeconds: 10,
  })
  assert.deepEqual(
    types(decide(see({ broadcast: broadcast({ deletedSecondsAgo: 3, status: status(flushed) }) }), now)),
    ['removeFinalizer'],
  )
  assert.deepEqual(decide(see({ broadcast: broadcast({ deletedSecondsAgo: 3, finalizers: ['other'] }) }), now), {
    actions: [],
  })
})

/** A cold Pod that was made `secondsAgo` and never became ready. */
function beginning(secondsAgo: number, waiting?: { reason: string; message?: string }): Pod {
  const name = livePodName(meta, '')
  const one = pod(name, 'starting')
  return {
    ...one,
    metadata: { ...one.metadata, creationTimestamp: ago(secondsAgo) },
    status: { ...one.status, containerStatuses: [{ name: 'stream', image: 'media:typo', state: { waiting } }] },
  }
}
const unmade = (status: object = {}) => connected({ podName: livePodName(meta, ''), ...status })

test('a Pod whose image cannot be pulled says so, in the same words however kubelet puts it, and ends', () => {
  const told = decide(
    see({ broadcast: unmade(), assigned: beginning(5, { reason: 'ErrImagePull', message: 'a' }) }),
    now,
  )
  assert.equal(reason(told, 'PodAssigned'), 'ImagePullFailed')
  assert.equal(reason(told, 'Ready'), 'ImagePullFailed')
  assert.deepEqual(news(told), ['ImagePullFailed'])
  assert.match(statusOf(told).conditions.find(({ type }) => type === 'Ready')?.message ?? '', /media:typo/)
  const held = after(told, unmade())
  const again = see({ broadcast: held, assigned: beginning(9, { reason: 'ImagePullBackOff', message: 'b' }) })
  assert.deepEqual(types(decide(again, now)), [], 'nothing is written again')
  const over = decide(see({ broadcast: held, assigned: beginning(61, { reason: 'ImagePullBackOff' }) }), now)
  assert.deepEqual(types(over), ['applyStatus', 'createPod', 'deletePod'])
  assert.notEqual(statusOf(over).podName, livePodName(meta, ''))
  const quiet = decide(see({ broadcast: held, assigned: beginning(331) }), now)
  assert.ok(types(quiet).includes('deletePod'), 'whatever keeps it')
})

test('a Pod of a template that is no longer in force is not waited for; one that serves is left alone', () => {
  const stale = decide(see({ broadcast: unmade(), assigned: beginning(2), isStale: true }), now)
  assert.deepEqual(types(stale), ['applyStatus', 'createPod', 'deletePod'])
  const deleted = stale.actions.find((action) => action.type === 'deletePod')
  assert.equal(deleted?.type === 'deletePod' && deleted.failure, undefined, 'no failure of the new template')
  const live = decide(see({ broadcast: assignedTo('p-1'), assigned: pod('p-1'), isStale: true }), now)
  assert.ok(!types(live).includes('deletePod'))
})

test('a refused Pod is said by its cause, once, and asked for again under the same name', () => {
  const failure = { reason: 'QuotaExceeded', message: 'exceeded quota: pods', refused: true, notBeforeMs: 0 }
  const held = { ...failure, notBeforeMs: now.getTime() + 2_000 }
  const told = decide(see({ broadcast: unmade(), failure: held }), now)
  assert.deepEqual(types(told), ['applyStatus'])
  assert.equal(reason(told, 'PodAssigned'), 'QuotaExceeded')
  assert.deepEqual(news(told), ['QuotaExceeded'])
  assert.equal(told.requeueAfterMs, 2_000)
  const again = decide(see({ broadcast: after(told, unmade()), failure }), now)
  assert.deepEqual(types(again), ['createPod'], 'nothing is written but the try')
})

test('a broken template of the pool is said, and no Pod is made from anything else', () => {
  const problem = 'template.spec.containers: expected array'
  const plan = decide(see({ broadcast: connected(), blueprint: { problem } }), now)
  assert.deepEqual(types(plan), ['applyStatus'])
  assert.equal(reason(plan, 'PodAssigned'), 'PodTemplateInvalid')
  assert.deepEqual(news(plan), ['PodTemplateInvalid'])
})

test('a key whose Secret is gone stays in force, with a warning', () => {
  const warning = { reason: 'SecretNotFound', message: 'there is no Secret key' }
  const secretRef = { streamKey: { secretRef: { name: 'key', key: 'k' } } }
  const one = see({
    broadcast: broadcast({ spec: secretRef, status: { publisher, podName: 'p-1', podUID: 'uid-p-1' } }),
    assigned: pod('p-1'),
    key: { sha256, warning },
  })
  const plan = decide(one, now)
  assert.equal(statusOf(plan).streamKeySha256, sha256)
  assert.notEqual(statusOf(plan).phase, 'Failed')
  assert.equal(reason(plan, 'KeyAccepted'), 'SecretNotFound')
  assert.deepEqual(news(plan), ['SecretNotFound'])
  assert.ok(!types(plan).includes('deletePod'))
})

test('the older of two Broadcasts with one key says so', () => {
  const plan = decide(see({ newer: 'b-2' }), now)
  assert.equal(reason(plan, 'KeyAccepted'), 'KeyShared')
  assert.match(statusOf(plan).conditions.find(({ type }) => type === 'KeyAccepted')?.message ?? '', /b-2/)
  assert.deepEqual(news(plan), ['KeyShared'])
})

test('a publisher that was taken out by hand ends nothing while its stream flows', () => {
  const playing = [
    { type: 'Publishing', status: 'True', reason: 'Receiving', lastTransitionTime: ago(3_600) },
    { type: 'Playable', status: 'True', reason: 'PlaylistServed', lastTransitionTime: ago(3_600) },
    { type: 'Ready', status: 'True', reason: 'Playable', lastTransitionTime: ago(3_600) },
  ]
  const without = broadcast({ status: { podName: 'p-1', podUID: 'uid-p-1', podIP: '10.0.0.1', conditions: playing } })
  const plan = decide(see({ broadcast: without, assigned: pod('p-1'), silentMs: 4_000 }), now)
  assert.equal(statusOf(plan).phase, 'Live')
  assert.ok(!types(plan).includes('deletePod'))
  const silent = decide(see({ broadcast: without, assigned: pod('p-1'), silentMs: 30_000 }), now)
  assert.equal(statusOf(silent).phase, 'Ended', 'its window is over')
})

test('an encoder on a node that is lost with its ingest Pod counts as disconnected, when its stream is silent too', () => {
  const flowing = [{ type: 'Publishing', status: 'True', reason: 'Playing', lastTransitionTime: ago(60) }]
  const lost = (silentMs: number) =>
    decide(
      see({ broadcast: assignedTo('p-1', { conditions: flowing }), assigned: pod('p-1'), ingestGone: true, silentMs }),
      now,
    )
  assert.deepEqual(types(lost(26_000)), ['markDisconnected'])
  assert.ok(!types(lost(9_000)).includes('markDisconnected'))
})

test('Pods that nobody needs are removed, once', () => {
  const plan = decide(
    see({ broadcast: assignedTo('p-1'), assigned: pod('p-1'), others: [pod('p-0'), pod('p-00', 'leaving')] }),
    now,
  )
  const deleted = plan.actions.flatMap((action) => (action.type === 'deletePod' ? [action.pod.metadata.name] : []))
  assert.deepEqual(deleted, ['p-0'])
})

test('durations are read as Go writes them', () => {
  assert.equal(durationMs('1m30s'), 90_000)
  assert.equal(durationMs('6h'), 21_600_000)
  assert.equal(durationMs('0s'), 0)
  assert.throws(() => durationMs('5'), RangeError)
})
