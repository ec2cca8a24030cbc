import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { call, type Answer } from '../../framework/http.ts'
import { createProduct, signUp, stockOf, type Person } from '../../framework/people.ts'
import { kubectl, kubectlJson } from '../../framework/platform-under-test.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const accounts = 100 // hashing a password is made slow; each presses many times, as that many buyers would
const pods = 3
const answerDeadlineMs = 45_000

/** How a buyer's request ended, and why it had to be sent again before. */
interface Outcome {
  answer: Answer
  repeats: string[]
}

test(
  `from ${pods} commerce Pods, of which one is deleted mid-race, ${accounts} accounts place thousands of orders`,
  { timeout: 600_000 },
  async (t) => {
    await atReplicas(t, pods)
    const seller = await signUp('seller')
    const crowd: Person[] = []
    while (crowd.length < accounts)
      crowd.push(...(await Promise.all(Array.from({ length: 5 }, (_, index) => signUp(`buyer-${index}`)))))

    await t.test(
      '1,000 orders for 1,000 units while a Pod leaves in order: no connection is cut, and all are RESERVED',
      async () => {
        const productId = await createProduct(seller, {
          name: 'plenty',
          price: 1_000,
          stock: 1_000,
          unpaidPerBuyer: 1_000,
        })
        const leaving = deletePod([])
        // as evenly as the time a Pod has: it is told to stop after five seconds
        const outcomes = await race(crowd, productId, 1_000, (part) => part * 9_000)
        await leaving
        const repeats = repeatsOf(outcomes)
        t.diagnostic(`repeated: ${JSON.stringify(repeats)}`)
        // 503 with Retry-After is a busy machine's answer, not a lost one
        assert.deepEqual(
          Object.keys(repeats).filter((reason) => !reason.startsWith('503')),
          [],
        )
        assert.equal(outcomes.filter(({ answer }) => answer.status === 201).length, 1_000)
        assert.equal(await stockOf(productId), 0)
      },
    )

    await podsReady(pods)
    await t.test(
      '2,000 orders for 100 units while a Pod is killed: 100 are RESERVED, none is left without an answer',
      async (t) => {
        const productId = await createProduct(seller, { name: 'few', price: 1_000, stock: 100, unpaidPerBuyer: 1_000 })
        const dying = deletePod(['--grace-period=0', '--force'])
        // the crowd grows: the first hundred come while the Pod dies, and all have come after four seconds
        const outcomes = await race(crowd, productId, 2_000, (part) => 4_000 * Math.cbrt(part))
        await dying
        t.diagnostic(`repeated: ${JSON.stringify(repeatsOf(outcomes))}`)
        const reserved = outcomes.filter(({ answer }) => answer.status === 201)
        const refused = outcomes.filter(({ answer }) => answer.status === 409 && answer.body['code'] === 'sold_out')
        assert.deepEqual([reserved.length, refused.length], [100, 1_900])
        assert.equal(new Set(reserved.map(({ answer }) => answer.body['id'])).size, 100)
        for (const { answer } of reserved) assert.equal(answer.body['state'], 'RESERVED')
        assert.equal(await stockOf(productId), 0)
      },
    )

    await t.test('the books balance', async () => {
      const command = ['node', 'services/commerce/src/main.ts', 'books'] // ends with 1 when they do not
      const books = JSON.parse(await kubectl(['exec', 'deploy/mytaek1-commerce', '--', ...command])) as {
        faults: unknown[]
      }
      assert.deepEqual(books.faults, [])
    })
  },
)

/** Presses `count` times; `arrivalMs` tells when, by the part of the crowd that is there before. */
async function race(
  crowd: readonly Person[],
  productId: string,
  count: number,
  arrivalMs: (part: number) => number,
): Promise<Outcome[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await delay(arrivalMs(index / count))
      const buyer = crowd[index % crowd.length]
      assert.ok(buyer)
      return await press(buyer, productId)
    }),
  )
}

// A client as the API wants it: what was cut, or is to be sent again, is sent again with the same Idempotency-Key.
async function press(buyer: Person, productId: string): Promise<Outcome> {
  const headers = { 'idempotency-key': randomUUID() }
  const body = { productId, quantity: 1 }
  const repeats: string[] = []
  const deadline = Date.now() + answerDeadlineMs
  for (;;) {
    const answer = await call('POST', '/api/commerce/v1/orders', { token: buyer.token, headers, body }).catch(cut)
    const again = typeof answer === 'string' ? answer : reasonToRepeat(answer)
    if (again === undefined && typeof answer !== 'string') return { answer, repeats }
    repeats.push(again ?? '')
    assert.ok(Date.now() < deadline, `no answer within ${answerDeadlineMs / 1_000} s: ${repeats.join(', ')}`)
    const seconds = typeof answer === 'string' ? 0 : Number(answer.headers.get('retry-after') ?? 0)
    await delay(Math.max(200, seconds * 1_000))
  }
}

const cut = (error: unknown) => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
}

function reasonToRepeat({ status, body }: Answer): string | undefined {
  if (status === 502 || status === 504) return `${status}` // of the ingress: its Pod is gone
  if (status === 503 || body['code'] === 'request_in_flight') return `${status} ${String(body['code'])}`
  return undefined
}

function repeatsOf(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const reason of outcomes.flatMap(({ repeats }) => repeats)) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

interface Pod {
  metadata: { name: string; deletionTimestamp?: string }
  status: { conditions?: { type: string; status: string }[] }
}

/** The Pods that serve, with those that are on their way in or out. */
async function commercePods(): Promise<Pod[]> {
  const list = await kubectlJson(['get', 'pods', '-l', 'app.kubernetes.io/component=commerce,pod-template-hash'])
  return (list as { items: Pod[] }).items
}

async function deletePod(flags: readonly string[]): Promise<void> {
  const staying = (await commercePods()).find(({ metadata }) => metadata.deletionTimestamp === undefined)
  assert.ok(staying)
  await kubectl(['delete', 'pod', staying.metadata.name, '--wait=false', ...flags])
}

/** Waits for so many ready Pods and no other: one that still leaves, of a rescale before, would not be the race's. */
async function podsReady(count: number): Promise<void> {
  await waitFor(`${count} commerce Pods, all ready and none leaving`, 120, async () => {
    const all = await commercePods()
    const ready = all.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    )
    return ready.length === count && all.length === count ? count : notYet(all.map(({ metadata }) => metadata.name))
  })
}

/** Has the autoscaler keep so many Pods, no fewer and no more, until the test is over. */
async function atReplicas(t: { after: (work: () => Promise<void>) => void }, count: number): Promise<void> {
  const { spec } = (await kubectlJson(['get', 'hpa', 'mytaek1-commerce'])) as {
    spec: { minReplicas: number; maxReplicas: number }
  }
  const between = async (minReplicas: number, maxReplicas: number) => {
    const patch = JSON.stringify({ spec: { minReplicas, maxReplicas } })
    await kubectl(['patch', 'hpa', 'mytaek1-commerce', '--patch', patch])
    await kubectl(['scale', 'deployment', 'mytaek1-commerce', `--replicas=${minReplicas}`])
  }
  t.after(() => between(spec.minReplicas, spec.maxReplicas))
  await between(count, count)
  await podsReady(count)
}
