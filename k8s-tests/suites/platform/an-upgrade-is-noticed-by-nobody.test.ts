/**
 * Every Deployment of the release is rolled, forth by `helm upgrade` and back by `helm rollback`, while a show is on. What is
 * promised: an ingest Pod that leaves goes on for its encoder until that stops, a stream Pod stays with its broadcast to the
 * end, the next broadcast gets the new one, and neither shoppers, buyers nor viewers notice. The embedded stores and the sink
 * of mails, one Pod each for a trial, have no such promise.
 */
import assert from 'node:assert/strict'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { standApart } from '@mytaek1/platform/testing/stand-apart.ts'
import { publish, startEncoder } from '../../framework/broadcaster.ts'
import { readBroadcast, waitForCondition } from '../../framework/broadcast-status.ts'
import { expectStatus, newKey } from '../../framework/http.ts'
import { followParts } from '../../framework/part-follower.ts'
import { cards, createProduct, endBroadcast, openBroadcast, pay, signUp, type Person } from '../../framework/people.ts'
import { helm, kubectl, kubectlJson, namespace, release } from '../../framework/platform-under-test.ts'
import { keepMemoryAtHand } from '../../framework/memory-at-hand.ts'
import { pauseProblems } from '../../framework/pauses.ts'
import { readRenditions, readText } from '../../framework/playlist.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const chart = path.resolve(import.meta.dirname, '../../../charts/mytaek1')
const components = ['commerce', 'edge', 'ingest', 'operator', 'payment', 'simulator', 'storefront']
const valuesOf = [...components.filter((name) => name !== 'simulator'), 'payment.simulator', 'stream']
const marker = 'TEST_UPGRADE'
const rolling = ['--wait', '--timeout', '8m']
const mostGapMs = 2_000
const browsePauseMs = 100
const buyPauseMs = 1_000
const rollSeconds = 120 // about, forth and back

interface Pod {
  metadata: { name: string; uid: string; labels: Record<string, string>; deletionTimestamp?: string }
  spec: { containers: { env?: { name: string }[] }[] }
  status: { phase: string }
}

async function podsOf(selector: string): Promise<Pod[]> {
  return ((await kubectlJson(['get', 'pods', '-l', selector])) as { items: Pod[] }).items
}
const deployed = () =>
  podsOf(`app.kubernetes.io/instance=${release},pod-template-hash,app.kubernetes.io/component!=mail-sink`)
const isMarked = ({ spec }: Pod) => spec.containers.some(({ env }) => env?.some(({ name }) => name === marker))
const secretsHash = () =>
  kubectl([
    'get',
    'secrets',
    '-l',
    `app.kubernetes.io/instance=${release}`,
    '-o',
    'jsonpath={range .items[*]}{.data}{end}',
  ])

/** Helm's last revision. */
async function revision(): Promise<{ revision: number; status: string } | undefined> {
  const text = await helm(['history', release, '--namespace', namespace, '--output', 'json'])
  return (JSON.parse(text) as { revision: number; status: string }[]).at(-1)
}

/** Shoppers who look at everything that is rolled, and a buyer who pays, until `stop`; answers what failed. */
async function shop(productId: string) {
  const buyer = await signUp('buyer')
  const enough = new AbortController()
  const failed: string[] = []
  const orders: string[] = []
  let asked = 0
  const again = async (pauseMs: number, call: () => Promise<unknown>) => {
    while (!enough.signal.aborted) {
      asked += 1
      await call().catch((error: unknown) => failed.push(error instanceof Error ? error.message : String(error)))
      await delay(pauseMs)
    }
  }
  const looks = [`/api/commerce/v1/products/${productId}`, '/', '/api/payment/v1/openapi.json'].map((place) =>
    again(browsePauseMs, () => expectStatus(200, 'GET', place)),
  )
  const buys = again(buyPauseMs, async () => {
    const body = { productId, quantity: 1 }
    const { token } = buyer
    const order = await expectStatus(201, 'POST', '/api/commerce/v1/orders', { token, headers: newKey(), body })
    await pay(buyer, String(order.body['id']), cards.good)
    orders.push(String(order.body['id']))
  })
  return {
    stop: async () => {
      enough.abort()
      await Promise.all([...looks, buys])
      return { buyer, orders, failed, asked }
    },
  }
}

/** Each of these orders is paid in the end: what a Pod had taken up when it left, another finished. */
async function assertPaid(buyer: Person, orders: readonly string[]): Promise<void> {
  const left = new Set(orders)
  await waitFor('every order to be PAID', 90, async () => {
    for (const id of left) {
      const { body } = await expectStatus(200, 'GET', `/api/commerce/v1/orders/${id}`, { token: buyer.token })
      if (body['state'] === 'PAID') left.delete(id)
    }
    return left.size === 0 ? true : notYet([...left])
  })
}

async function goLive(t: TestContext) {
  const seller = await signUp('seller')
  const productId = await createProduct(seller, { name: 'desk', price: 90_000, stock: 10_000, unpaidPerBuyer: 10_000 })
  const broadcast = await openBroadcast(seller, 'upgraded while live', [productId])
  t.after(() => endBroadcast(seller, broadcast.id))
  await keepMemoryAtHand(rollSeconds)
  standApart()
  const encoder = publish(t, seller.streamKey, { width: 640, height: 360 })
  const { status } = await waitForCondition(broadcast.id, 'Playable', 'True')
  const [source] = await readRenditions(broadcast.id)
  assert.ok(source)
  const viewer = followParts(source.url, { withMedia: true })
  t.after(() => viewer.stop())
  await waitFor('a viewer with ten parts', 90, () =>
    Promise.resolve(viewer.parts() >= 10 ? true : notYet(viewer.failures())),
  )
  return { id: broadcast.id, productId, encoder, viewer, before: status, playlist: source.url }
}

/**
 * Rolls with `roll`, under traffic: nothing fails, and of the Pods that were there none is left but draining ones.
 *
 * @returns the Pods that there are now.
 */
async function rolled(t: TestContext, productId: string, roll: () => Promise<unknown>): Promise<Pod[]> {
  const before = new Set((await deployed()).map(({ metadata }) => metadata.uid))
  const shoppers = await shop(productId)
  t.after(() => shoppers.stop()) // whatever fails: they would go on for ever
  const startedAt = performance.now()
  await roll()
  assert.equal((await revision())?.status, 'deployed')
  const now = await waitFor('the last old Pods to leave', 120, async () => {
    const staying = (await deployed()).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    const old = staying.filter(({ metadata }) => before.has(metadata.uid)).map(({ metadata }) => metadata.name)
    return old.length === 0 ? staying : notYet(old)
  })
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  const { buyer, orders, failed, asked } = await shoppers.stop()
  t.diagnostic(`rolled in ${seconds} s: ${failed.length} of ${asked} requests failed, ${orders.length} orders`)
  const seen = new Set(now.map(({ metadata }) => metadata.labels['app.kubernetes.io/component']))
  assert.deepEqual(seen, new Set(components))
  assert.deepEqual(failed, [], `${failed.length} of ${asked} requests failed`)
  assert.ok(orders.length > 0)
  await assertPaid(buyer, orders)
  return now
}

test('helm upgrade and rollback of every component are noticed by nobody', { timeout: 1_800_000 }, async (t) => {
  const show = await goLive(t)
  const { id, productId, encoder, viewer, before } = show
  const secrets = await secretsHash()
  const beganMs = performance.now()
  const revisionBefore = (await revision())?.revision
  const draining = async () =>
    (await podsOf('app.kubernetes.io/component=ingest')).filter(
      ({ metadata }) => metadata.name === before?.publisher?.ingestPod,
    )

  await t.test('upgrade: no request fails, every Pod of a Deployment is another', async (inner) => {
    const sets = valuesOf.flatMap((name) => ['--set-string', `${name}.env.${marker}=1`])
    const upgrade = ['upgrade', release, chart, '--namespace', namespace, '--reuse-values', ...rolling, ...sets]
    const now = await rolled(inner, productId, () => helm(upgrade))
    assert.ok(now.every(isMarked))
  })

  await t.test('the ingest Pod that leaves goes on for its encoder', async () => {
    const [pod] = await draining()
    assert.ok(
      pod?.metadata.deletionTimestamp !== undefined && pod.status.phase === 'Running',
      JSON.stringify(pod?.status),
    )
  })

  await t.test('the next broadcast gets a stream Pod of the new version, through a new ingest Pod', async () => {
    await waitFor('warm Pods of the new template', 90, async () => {
      const warm = await podsOf('app.kubernetes.io/component=stream,!live.mytaek1.dev/broadcast')
      return warm.length > 0 && warm.every(isMarked) ? warm : notYet(warm.map(({ metadata }) => metadata.name))
    })
    const seller = await signUp('next')
    const next = await openBroadcast(seller, 'opened after the upgrade', [])
    const camera = startEncoder(seller.streamKey, { width: 320, height: 180 })
    try {
      const { status } = await waitForCondition(next.id, 'Playable', 'True')
      const [pod] = await podsOf(`live.mytaek1.dev/broadcast=${next.id}`)
      assert.ok(pod && isMarked(pod))
      const ingest = (await podsOf('app.kubernetes.io/component=ingest')).find(
        ({ metadata }) => metadata.name === status?.publisher?.ingestPod,
      )
      assert.ok(ingest && isMarked(ingest))
    } finally {
      await camera.stop()
      await endBroadcast(seller, next.id)
    }
  })

  await t.test('rollback: the same', async (inner) => {
    const rollback = ['rollback', release, String(revisionBefore), '--namespace', namespace, ...rolling]
    const now = await rolled(inner, productId, () => helm(rollback))
    assert.ok(!now.some(isMarked))
    assert.equal(await secretsHash(), secrets)
  })

  await t.test('the viewer had every request answered and no pause, on one timeline', async (inner) => {
    const pauses = { stallMs: viewer.longestGapMs(beganMs), encoderPauseMs: encoder.longestGapMs(beganMs) }
    inner.diagnostic(`longest times, in ${viewer.parts()} parts: ${JSON.stringify(pauses)}`)
    assert.deepEqual(viewer.failures(), {})
    assert.deepEqual(viewer.violations(), [])
    assert.deepEqual(pauseProblems(pauses, mostGapMs), [])
    assert.doesNotMatch(await readText(show.playlist), /^#EXT-X-DISCONTINUITY$|DISCONTINUITY-SEQUENCE:[1-9]|GAP/m)
  })

  await t.test('the encoder has the session that it began with, and its stream the same Pod', async () => {
    assert.equal(encoder.running(), true, encoder.words())
    const { status } = await readBroadcast(id)
    assert.equal(status?.publisher?.sessionId, before?.publisher?.sessionId)
    assert.equal(status?.publisher?.disconnectedAt, undefined)
    assert.equal(status?.podUID, before?.podUID)
  })

  await t.test('its ingest Pod leaves when the encoder does', async () => {
    await encoder.stop()
    await waitFor('the drained ingest Pod to go', 90, async () => {
      const left = await draining()
      return left.length === 0 ? true : notYet(left.map(({ status }) => status))
    })
  })
})
