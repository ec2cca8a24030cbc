/** One seed: a rush on a few units while things break, then a reckoning of every answer against the rows. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { EventEnvelope, ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import type { BasketOutcome } from '../src/inventory/basket.ts'
import type { Outcome, WantedItem } from '../src/inventory/order-request.ts'
import type { ReturnAnswer } from '../src/inventory/return-units.ts'
import { addCoupon, addDeal, addProduct, addVariants } from '../src/testing/shop.ts'
import { UnansweredError, type Cluster } from './chaos-stock-cluster.ts'
import { lineUnits, runLine } from './chaos-stock-line.ts'
import type { WorkerRequest } from './chaos-stock-worker.ts'
import { Random } from '@mytaek1/platform/testing/random.ts'

/** A request of a buyer, all answers it got, and what its buyer then did with the order. */
export interface Story {
  buyerId: string
  key: string
  items: WantedItem[] // one, or a basket
  couponId: string | undefined
  totalAmount: number // of its order
  answers: { askedAt: number; answeredAt: number; outcome: Outcome | BasketOutcome }[]
  plan: 'keep' | 'cancel' | 'pay' | 'cancel or pay' | 'decline' | 'expire'
  orderId?: string
  lived: boolean // it had an order when its time came, and followed its plan
  released: ReturnAnswer[] // what releases were answered
  captured: boolean // the capture was taken in
}

/**
 * The products of a seed: most want the first; of the second, two a buyer; the third is sold in baskets only; of the
 * fourth, a buyer may hold two orders without paying; of all variants of the last together, two a buyer. One coupon is for all,
 * and a product is wanted with it alone, beside the first: what is left of it is raced for in two queues. Of one more a deal
 * runs, with fewer units than are wanted.
 */
interface Products {
  hot: string
  limited: string
  side: string
  held: string
  variants: { productId: string; variantIds: string[] }
  couponId: string
  gift: string
  dealt: string
}

/** What a seed left to be judged. */
export interface SeedRun {
  productIds: string[]
  limitedId: string
  heldId: string
  variantIds: string[] // limited together
  couponId: string
  dealId: string
  stories: Story[]
  /** What was out of order in the waiting list. */
  lineFaults: string[]
  faults: string[]
}

const units = 40
const sideUnits = 15
const variantUnits = 8
/** How often the seed's coupon can be used: by fewer than want it. */
export const couponUses = 12
/** Units of the seed's deal: fewer than are wanted. */
export const dealUnits = 10
export const dealUnitsPerBuyer = 3
const requests = 120
const attemptsMax = 300 // a machine busy with other work is slow, not wrong

/**
 * Runs a seed; every fault is mended when it returns, and every request has an answer.
 *
 * @param options.ordersOnly nobody cancels or pays: nothing but orders and faults
 */
export async function runSeed(
  cluster: Cluster,
  db: Knex,
  seed: number,
  options: { ordersOnly: boolean },
): Promise<SeedRun> {
  const random = new Random(seed)
  const hot = await addProduct(db, { units })
  const limited = await addProduct(db, { units, limitPerBuyer: 2 })
  const side = await addProduct(db, { units: sideUnits })
  const held = await addProduct(db, { units, unpaidOrdersPerBuyer: 2 })
  const variants = await addVariants(db, { units: [variantUnits, variantUnits, variantUnits], limitPerBuyer: 2 })
  const couponId = await addCoupon(db, { total: couponUses })
  const gift = await addProduct(db, { units })
  const dealt = await addProduct(db, { units })
  const dealId = await addDeal(db, { productId: dealt, units: dealUnits, unitsPerBuyer: dealUnitsPerBuyer })
  const rare = await addProduct(db, { units: lineUnits })
  const products = { hot, limited, side, held, variants, couponId, gift, dealt }
  const stories = Array.from({ length: requests }, (_, n) => newStory(random, seed, n, products))
  if (options.ordersOnly) {
    for (const story of stories) {
      story.plan = 'keep'
      story.couponId = undefined
      story.items = story.items
        .filter(({ productId }) => productId !== side)
        .map((item) =>
          item.variantOf === undefined && ![gift, dealt].includes(item.productId)
            ? item
            : { productId: hot, quantity: 1 },
        )
    }
  }
  const copies = stories.flatMap((story) => Array.from({ length: random.between(1, 3) }, () => story))
  const cutShare = random.pick([0, 0.02, 0.1])
  cluster.cutCommit = () => (random.chance(cutShare) ? random.pick(['before', 'after']) : undefined)
  const faults = breakThings(cluster, random, hot)
  const rush = copies.map(async (story) => {
    await delay(random.between(0, 400))
    await send(cluster, random, story)
  })
  const ways = {
    db,
    random,
    ask: (request: WorkerRequest) => untilAnswered(cluster, random, request),
    send: (story: Story) => send(cluster, random, story),
    live: (story: Story) => live(cluster, db, random, story),
    newStory: (n: number, plan: Story['plan']) => waiterStory(seed, n, rare, plan),
  }
  const line = options.ordersOnly ? Promise.resolve({ stories: [], lineFaults: [] }) : runLine(ways, rare)
  await Promise.all(rush)
  await Promise.all(stories.map((story) => live(cluster, db, random, story)))
  const { stories: waiters, lineFaults } = await line
  stories.push(...waiters)
  const faultsDone = await faults
  cluster.cutCommit = () => undefined
  await untilAnswered(cluster, random, { op: 'sweep' })
  // everybody asks once more, with nothing broken: what they hear now must be what they have
  await Promise.all(stories.map((story) => send(cluster, random, story)))
  const { variantIds } = variants
  const productIds = [hot, limited, side, held, gift, dealt, rare, ...variantIds]
  const limits = { limitedId: limited, heldId: held, variantIds }
  return { productIds, ...limits, couponId, dealId, stories, lineFaults, faults: faultsDone }
}

/** Somebody who holds, or waits for, what few there are of. */
const waiterStory = (seed: number, n: number, productId: string, plan: Story['plan']): Story => ({
  buyerId: `s${seed}_line_${n}`,
  key: 'line',
  items: [{ productId, quantity: 1 }],
  couponId: undefined,
  totalAmount: 0,
  answers: [],
  plan,
  lived: false,
  released: [],
  captured: false,
})

function newStory(random: Random, seed: number, n: number, products: Products): Story {
  const { hot, limited, side, held, variants, gift, dealt } = products
  const couponId = random.chance(0.5) ? products.couponId : undefined
  const onLimited = random.chance(0.4)
  const [first = '', second = '', third = ''] = variants.variantIds
  const limitedId = random.pick([limited, held, first, second, third])
  const variantOf = variants.variantIds.includes(limitedId) ? variants.productId : undefined
  const item: WantedItem = onLimited
    ? { productId: limitedId, variantOf, quantity: 1 }
    : { productId: random.pick([hot, dealt, couponId === undefined ? hot : gift]), quantity: random.pick([1, 1, 1, 2]) }
  const sideItem = { productId: side, quantity: 1 }
  const items = random.chance(0.3)
    ? random.pick([
        [item, sideItem],
        [sideItem, item],
      ])
    : [item]
  return {
    buyerId: onLimited ? `s${seed}_hoarder_${n % 3}` : `s${seed}_buyer_${n % 40}`,
    key: `key_${n}`,
    items,
    couponId,
    totalAmount: 0,
    answers: [],
    // limited orders are kept, so that who holds more than the limit is seen at the end
    plan: onLimited ? 'keep' : random.pick(['keep', 'cancel', 'pay', 'cancel or pay', 'decline', 'expire']),
    lived: false,
    released: [],
    captured: false,
  }
}

/** Units of all products of a story. */
export const unitsOf = ({ items }: Story): number => items.reduce((sum, { quantity }) => sum + quantity, 0)

async function send(cluster: Cluster, random: Random, story: Story): Promise<void> {
  const { buyerId, items, key: idempotencyKey, couponId } = story
  const request = { buyerId, items, idempotencyKey, broadcastId: null, couponId }
  const { askedAt, value } = await untilAnswered(cluster, random, { op: 'place', request })
  const outcome = value as Outcome | BasketOutcome
  story.answers.push({ askedAt, answeredAt: performance.now(), outcome })
  if (outcome.kind !== 'reserved') return
  story.orderId ??= outcome.order.id
  story.totalAmount = outcome.order.totalAmount
}

/** What the buyer does with an order, while things still break. */
async function live(cluster: Cluster, db: Knex, random: Random, story: Story): Promise<void> {
  const { orderId, items, plan } = story
  if (orderId === undefined) return
  const productId = items.length > 1 ? null : (items[0]?.productId ?? '')
  story.lived = true
  if (plan === 'keep') return
  const cancel = async () => {
    const { value } = await untilAnswered(cluster, random, { op: 'release', orderId, productId })
    story.released.push(value as ReturnAnswer)
  }
  const pay = async () => {
    const paymentId = `pay_${orderId}`
    const amount = { amount: story.totalAmount, currency: 'KRW' }
    await deliver({ type: 'payment.authorized', data: { orderId, paymentId, amount } }, 'authorized')
    const told = await retried(() => db('outbox').where('event_key', orderId).orderBy('seq', 'desc').first())
    if (!String(told?.body).includes('"order.claimed"')) return
    const capturedAt = new Date().toISOString()
    await deliver({ type: 'payment.captured', data: { orderId, paymentId, amount, capturedAt } }, 'captured')
    story.captured = true
  }
  const deliver = async (event: ServiceEvent, name: string) => {
    const envelope: EventEnvelope = { id: `evt_${name}_${orderId}`, occurredAt: new Date().toISOString(), event }
    const repeat = () => untilAnswered(cluster, random, { op: 'event', envelope })
    await Promise.all(random.chance(0.3) ? [repeat(), repeat()] : [repeat()])
  }
  const repeated = (action: () => Promise<void>) => Array.from({ length: random.between(1, 3) }, action)
  if (plan === 'cancel') await Promise.all(repeated(cancel))
  if (plan === 'pay') await pay()
  if (plan === 'cancel or pay') await Promise.all([...repeated(cancel), pay()])
  if (plan === 'decline') {
    await deliver(
      { type: 'payment.failed', data: { orderId, paymentId: `pay_${orderId}`, reason: 'declined', release: true } },
      'failed',
    )
  }
  if (plan === 'expire') {
    await retried(() =>
      db('orders')
        .where('id', orderId)
        .update({ expires_at: db.raw('UTC_TIMESTAMP(3)') }),
    )
    await Promise.all([1, 2].map(() => untilAnswered(cluster, random, { op: 'sweep' })))
  }
}

/** Asks like a client with retries: another process each time, the same request, until one answers. */
async function untilAnswered(
  cluster: Cluster,
  random: Random,
  request: WorkerRequest,
): Promise<{ askedAt: number; value: unknown }> {
  let last: unknown
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const askedAt = performance.now()
    try {
      const worker = cluster.workers[random.between(0, cluster.workers.length - 1)]
      if (worker) return { askedAt, value: await worker.ask(request) }
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error
      last = error
    }
    await delay(random.between(20, 200))
  }
  throw new Error(`${request.op} got no answer in ${attemptsMax} attempts`, { cause: last })
}

/** Two or three faults of this seed, one after the other; answers what they were. */
async function breakThings(cluster: Cluster, random: Random, hot: string): Promise<string[]> {
  const kinds = ['kill', 'pause', 'redis down', 'redis emptied', 'redis stale', 'mariadb'] as const
  const done: string[] = []
  for (let left = random.between(2, 3); left > 0; left -= 1) {
    const kind = random.pick(kinds)
    const victim = random.between(0, cluster.workers.length - 1)
    await delay(random.between(20, 200))
    if (kind === 'kill') await cluster.replaceWorker(victim)
    if (kind === 'pause') await cluster.workers[victim]?.pause(3_000) // longer than the lock lives
    if (kind === 'redis down') await cluster.crashRedis(random.between(0, 500))
    if (kind === 'redis stale') await cluster.staleRedis(hot)
    if (kind === 'redis emptied') {
      for (let n = 0; n < 20; n += 1) {
        await cluster.emptyRedis()
        await delay(random.between(1, 20))
      }
    }
    if (kind === 'mariadb') await cluster.crashMariadb()
    done.push(kind)
  }
  return done
}

async function retried<T>(action: () => PromiseLike<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action()
    } catch (error) {
      if (attempt === attemptsMax) throw error
      await delay(200)
    }
  }
}
