import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { Broadcast as BroadcastObject } from '@mytaek1/contracts/broadcast-resource.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { newBroadcastId } from '../ids.ts'
import { refuseBroadcasts } from '../testing/admission-policy.ts'
import { testApiserver } from '../testing/apiserver.ts'
import { EventReader } from '../testing/event-reader.ts'
import { eventually } from '../testing/eventually.ts'
import { aBroadcast, signedIn, type TestAccount } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'
import { connectBroadcastObjects } from './broadcast-objects.ts'
import { managedBy } from './desired-object.ts'
import { compareAll } from './follow-objects.ts'

const namespace = 'default'
const cluster = await testApiserver()
const kubernetes = {
  KUBERNETES: 'on',
  KUBECONFIG: cluster.kubeconfigPath,
  NAMESPACE: namespace,
}
const app = await startTestApp(kubernetes)
const other = await app.another()

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const read = async (name: string): Promise<BroadcastObject | undefined> =>
  await cluster.api.get(broadcasts, { namespace, name }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })

async function objectWhen(name: string, holds: (object: BroadcastObject) => boolean): Promise<BroadcastObject> {
  let last: BroadcastObject | undefined
  const look = async () => {
    last = await read(name)
    return last !== undefined && holds(last) ? last : undefined
  }
  return await eventually(`the object ${name}`, look, () => last)
}

async function rowWhen(id: string, state: string) {
  const look = async () => {
    const row = await app.db('broadcasts').where({ id }).first()
    return row.state === state ? row : undefined
  }
  return await eventually(`the row ${id} is ${state}`, look)
}

test('an open broadcast has an object with its key’s hash, and an ended one an ended object', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller, [], 'Tea & citron')
  const object = await objectWhen(id, () => true)
  assert.equal(object.spec.title, 'Tea & citron')
  assert.equal(object.spec.seller, seller.id)
  assert.equal(object.spec.state, 'Open')
  assert.equal(object.spec.streamKey.sha256, sha256(seller.streamKey))
  assert.equal(object.spec.recording, false)
  await seller.expect(200, 'POST', `/broadcasts/${id}/end`)
  await objectWhen(id, (each) => each.spec.state === 'Ended')
})

test('a broadcast that its seller wants recorded has an object that says so', async () => {
  const seller = await signedIn(app.url)
  const { id } = await seller.expect(201, 'POST', '/broadcasts', { title: 'Tea', recording: true })
  assert.equal((await objectWhen(id, () => true)).spec.recording, true)
  await seller.expect(200, 'POST', `/broadcasts/${id}/end`)
})

test('a scheduled broadcast has no object before it opens', async () => {
  const seller = await signedIn(app.url)
  const scheduledAt = new Date(Date.now() + 60_000).toISOString()
  const { id } = await seller.expect(201, 'POST', '/broadcasts', { title: 'Later', productIds: [], scheduledAt })
  assert.equal(await read(id), undefined)
  await seller.expect(200, 'POST', `/broadcasts/${id}/open`)
  await objectWhen(id, (each) => each.spec.state === 'Open')
})

test('a rotated and a revoked key reach the object, so a live session on the old key ends', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller)
  await objectWhen(id, () => true)
  const { streamKey } = await seller.expect(200, 'POST', '/stream-key/rotate')
  await objectWhen(id, (each) => each.spec.streamKey.sha256 === sha256(streamKey))
  await seller.expect(204, 'DELETE', '/stream-key')
  const revoked = await objectWhen(id, (each) => each.spec.streamKey.sha256 !== sha256(streamKey))
  assert.match(revoked.spec.streamKey.sha256 ?? '', /^[0-9a-f]{64}$/)
})

test('the row follows the status to live, interrupted and live again, and every viewer is told', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller)
  await objectWhen(id, () => true)
  await using viewer = await EventReader.open(other.url, id)
  assert.equal((await viewer.next('state')).data.state, 'open')
  for (const [report, state] of [
    ['playing', 'live'],
    ['interrupted', 'interrupted'],
    ['playing', 'live'],
  ] as const) {
    await cluster.report(namespace, id, report)
    await rowWhen(id, state)
    assert.equal((await viewer.nextOfLog('state')).data.state, state)
  }
  const listed = await app.anonymous.expect(200, 'GET', '/broadcasts?state=live')
  assert.ok(listed.items.some((each: { id: string }) => each.id === id))
})

test('what the seller should change about the encoder comes with the broadcast, while it is so', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller)
  await objectWhen(id, () => true)
  const adviceWhen = async (code: string | undefined) =>
    await eventually(`the advice is ${code}`, async () => {
      const { encoderAdvice } = await seller.expect(200, 'GET', `/broadcasts/${id}`)
      return encoderAdvice?.code === code ? { advice: encoderAdvice } : undefined
    })
  const message = 'The encoder sends a key frame every 8.3 s: set its key-frame interval to 2 seconds'
  await cluster.report(namespace, id, 'playing', { reason: 'KeyFramesFarApart', message })
  await rowWhen(id, 'live')
  const { advice } = await adviceWhen('key_frames_far_apart')
  assert.deepEqual([advice.keyFrameIntervalSeconds, advice.setKeyFrameIntervalSeconds], [8.3, 2])
  await cluster.report(namespace, id, 'playing')
  await adviceWhen(undefined)
})

test('a broadcast that the operator ended ends in the shop, and its seller may open the next one', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller)
  await objectWhen(id, () => true)
  await cluster.report(namespace, id, 'ended')
  assert.equal((await rowWhen(id, 'ended')).ended_by, 'object_ended')
  await aBroadcast(seller) // the key is free for the next one
})

test('a broadcast that a rule of the platform refuses ends, says which rule, and leaves its seller free', async () => {
  const message = 'no show is called Refused (quota names)'
  await refuseBroadcasts(cluster.api, { namespace, title: 'Refused', message })
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller, [], 'Refused')
  await using viewer = await EventReader.open(other.url, id)
  assert.equal((await rowWhen(id, 'ended')).ended_by, 'refused')
  let told = await viewer.next('state')
  while (told.data.state !== 'ended') told = await viewer.next('state')
  const seen = await app.anonymous.expect(200, 'GET', `/broadcasts/${id}`)
  assert.deepEqual([seen.endedBy, seen.refusal], ['refused', message])
  await eventually('nothing is tried again', async () => {
    const request = await app.db('broadcast_object_syncs').where({ broadcast_id: id }).first()
    return request === undefined ? true : undefined
  })
  const { id: next } = await aBroadcast(seller, [], 'Allowed')
  await objectWhen(next, () => true)
})

test('an object deleted by hand ends its broadcast and does not come back', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller)
  await objectWhen(id, () => true)
  await eventually('the object is known as made', async () => {
    const row = await app.db('broadcasts').where({ id }).first()
    return row.object_created === 1 ? true : undefined
  })
  await cluster.api.delete(broadcasts, { namespace, name: id })
  assert.equal((await rowWhen(id, 'ended')).ended_by, 'object_deleted')
  await seller.expect(200, 'POST', '/stream-key/rotate')
  assert.equal(await read(id), undefined)
})

test('a title or key changed by hand is put back, what the rows do not know stays', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller, [], 'Mine')
  await objectWhen(id, () => true)
  const spec = { title: 'Theirs', streamKey: { sha256: 'f'.repeat(64) }, reconnectWindow: '5m' }
  await cluster.api.patch(broadcasts, { namespace, name: id }, { type: 'merge', body: { spec } })
  const repaired = await objectWhen(id, (each) => each.spec.title === 'Mine')
  assert.equal(repaired.spec.streamKey.sha256, sha256(seller.streamKey))
  assert.equal(repaired.spec.reconnectWindow, '5m')
})

test('while the apiserver does not answer, broadcasts open all the same, and their objects follow', async () => {
  const seller = await signedIn(app.url)
  cluster.pause()
  let id: string
  try {
    id = (await aBroadcast(seller)).id
    await seller.expect(200, 'POST', '/stream-key/rotate')
  } finally {
    cluster.resume()
  }
  const { streamKey } = await seller.expect(200, 'POST', '/stream-key/rotate')
  const object = await objectWhen(id, (each) => each.spec.streamKey.sha256 === sha256(streamKey))
  assert.equal(object.spec.state, 'Open')
})

test('ten rotations at once through two processes leave the object with the hash that the row has', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller)
  await objectWhen(id, () => true)
  const elsewhere = Object.assign(await signedIn(other.url), { token: seller.token })
  const rotate = (index: number) => (index % 2 ? seller : elsewhere).expect(200, 'POST', '/stream-key/rotate')
  await Promise.all(Array.from({ length: 10 }, (_, index) => rotate(index)))
  const key = await app.db('stream_keys').where('account_id', seller.id).first()
  await eventually('no sync is left', async () => {
    const waiting = await app.db('broadcast_object_syncs').where('broadcast_id', id).first()
    return waiting === undefined ? true : undefined
  })
  assert.equal((await read(id))?.spec.streamKey.sha256, key.sha256)
})

test('what happened while nobody watched is made good by comparing everything', async (t) => {
  const log = createLogger({ service: 'test', level: 'error' })
  const objects = await connectBroadcastObjects({ kubeconfig: cluster.kubeconfigPath, namespace }, log)
  t.after(() => objects.close())
  const told: string[] = []
  const deps = {
    db: app.db,
    objects,
    log,
    clock: () => new Date(),
    stateChanged: (id: string, state: string) => void told.push(`${id} ${state}`),
    wakeSync: () => undefined,
    retentionMs: 60_000,
  }
  const aRow = async (over: object, seller?: TestAccount) => {
    seller ??= await signedIn(app.url)
    const id = newBroadcastId()
    const row = { id, seller_id: seller.id, title: 'Row', state: 'open', object_created: true, created_at: new Date() }
    await app.db('broadcasts').insert({ ...row, ...over })
    return id
  }
  const anObject = async (name: string, state: string) => {
    const spec = { title: 'Row', seller: 'acc_1', streamKey: { sha256: 'c'.repeat(64) }, state }
    const metadata = { name, labels: managedBy }
    await objects.create({ apiVersion: 'live.mytaek1.dev/v1alpha1', kind: 'Broadcast', metadata, spec })
    return name
  }
  const owner = await signedIn(app.url)
  const lost = await aRow({ object_created: false })
  const ended = await anObject(await aRow({ state: 'ended' }), 'Ended')
  await cluster.report(namespace, ended, 'ended')
  const orphan = await anObject(newBroadcastId(), 'Open')
  const theirs = await anObject('of-the-platform-team', 'Open')
  await cluster.api.patch(
    broadcasts,
    { namespace, name: theirs },
    { type: 'merge', body: { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } } },
  )
  const following = objects.follow({ onChange: () => undefined, onDelete: () => undefined })
  await following.synced
  const seen = following.all()
  await following.stop()

  assert.ok(!seen.some((object) => object.metadata.name === theirs))
  const gone = await aRow({}, owner) // at the last moment: the service compares everything now and then, too
  await compareAll(deps, seen)
  assert.equal((await app.db('broadcasts').where('id', gone).first()).ended_by, 'object_deleted')
  assert.ok(told.includes(`${gone} ended`))
  await objectWhen(lost, (object) => object.spec.state === 'Open') // asked for again, and made by the worker
  assert.notEqual(await read(ended), undefined) // still kept
  await compareAll({ ...deps, clock: () => new Date(Date.now() + 3_600_000) }, seen)
  assert.equal(await read(ended), undefined)
  assert.equal(await read(orphan), undefined)
  assert.notEqual(await read(theirs), undefined)
})
