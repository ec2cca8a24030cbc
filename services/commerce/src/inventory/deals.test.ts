/** Timed deals in the engine's transactions: never more units at the price than there are, and never a higher price unasked. */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { inSession } from '@mytaek1/platform/mysql-session.ts'
import { expireAll } from '../testing/expire-all.ts'
import { testShop, type Engine } from '../testing/shop.ts'
import type { BasketOutcome } from './basket.ts'
import { checkBooks } from './books.ts'
import { defaultHoldLimits } from './hold-limits.ts'
import { checkRequest, type Outcome, type WantedItem } from './order-request.ts'
import { reserveBatch } from './reserve-batch.ts'
import { closeDeal, openDeal, readDeal, type NewDeal } from './run-deal.ts'
import { stockOf } from './stock-levels.ts'

const price = 1_000
const dealPrice = 700
const shop = await testShop()
const [one, other] = await Promise.all([shop.addEngine(), shop.addEngine()])
const won = (amount: number) => ({ amount, currency: 'KRW' })

const start = (productId: string, deal: Partial<NewDeal> = {}) =>
  inTransaction(shop.db, (trx) =>
    openDeal(trx, {
      productId,
      broadcastId: 'b-show',
      off: won(price - dealPrice),
      units: 4,
      unitsPerBuyer: null,
      seconds: 600,
      ...deal,
    }),
  )
const end = (id: string) => inTransaction(shop.db, (trx) => closeDeal(trx, id))
const remaining = async (id: string) => (await readDeal(shop.db, id)).remaining

interface Press {
  quantity?: number
  key?: string
  by?: Engine
  total?: number
}
const order = (buyerId: string, productId: string, { quantity = 1, key = 'k', by = one, total }: Press = {}) => {
  const expectedTotal = total === undefined ? undefined : won(total)
  const asked = {
    buyerId,
    idempotencyKey: `${key} ${productId}`,
    productId,
    quantity,
    broadcastId: null,
    expectedTotal,
  }
  return by.inventory.placeOrder(asked)
}
const basket = (buyerId: string, items: readonly WantedItem[], { key = 'k', by = one, total }: Press = {}) => {
  const expectedTotal = total === undefined ? undefined : won(total)
  const idempotencyKey = `${key} ${JSON.stringify(items)}`
  return by.inventory.placeBasket({ buyerId, idempotencyKey, items, broadcastId: null, expectedTotal })
}
const release = (orderId: string, productId: string | null) => one.inventory.release({ orderId, productId })
const paid = (outcome: Outcome | BasketOutcome) =>
  outcome.kind === 'reserved'
    ? outcome.order.totalAmount
    : outcome.kind === 'price_changed'
      ? outcome.total
      : outcome.kind
const reserved = <T extends Outcome | BasketOutcome>(outcome: T): T & { kind: 'reserved' } => {
  assert.ok(outcome.kind === 'reserved', outcome.kind)
  return outcome as T & { kind: 'reserved' }
}
/** As when its time is over by the clock. */
async function letEnd(id: string, productId: string): Promise<void> {
  const now = shop.db.raw('UTC_TIMESTAMP(3)')
  await shop.db('deals').where({ id }).update({ ends_at: now })
  await shop.db('product_stock').where('product_id', productId).update({ deal_ends_at: now })
}

afterEach(async () => assert.deepEqual((await checkBooks(shop.db)).faults, []))

test('of buyers who press at once as many get the deal’s price as it has units, the others the new total', async () => {
  const productId = await shop.addProduct({ units: 100, amount: price })
  const { id } = await start(productId, { units: 4 })
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      order(`crowd_${n}`, productId, { total: dealPrice, by: n % 2 === 0 ? one : other }),
    ),
  )
  assert.equal(outcomes.filter(({ kind }) => kind === 'reserved').length, 4)
  for (const outcome of outcomes) {
    if (outcome.kind === 'reserved')
      assert.deepEqual([outcome.order.totalAmount, outcome.order.dealId], [dealPrice, id])
    else assert.deepEqual(outcome, { kind: 'price_changed', total: won(price) })
  }
  assert.equal(await remaining(id), 0)
  assert.equal((await stockOf(shop.db, [productId])).get(productId)?.stock, 96)
  const rows = await shop.db('orders').where('product_id', productId).select('total_amount', 'deal_id')
  assert.deepEqual(new Set(rows.map((row) => `${row.total_amount} ${row.deal_id}`)), new Set([`${dealPrice} ${id}`]))
  // who asked for whatever it costs pays the usual price
  assert.equal(paid(await order('whoever', productId)), price)
})

test('in one batch some orders get the deal’s price and others the usual one, each with what it agreed to', async () => {
  const productId = await shop.addProduct({ units: 100, amount: price })
  const { id } = await start(productId, { units: 5 })
  const outcomes = await Promise.all(Array.from({ length: 4 }, (_, n) => order(`mix_${n}`, productId, { quantity: 2 })))
  assert.deepEqual(outcomes.map(paid), [2 * dealPrice, 2 * dealPrice, 2 * price, 2 * price])
  assert.equal(await remaining(id), 1)
  for (const outcome of outcomes) {
    const { order: made } = reserved(outcome)
    const row = await shop.db('orders').where('id', made.id).first('total_amount', 'deal_id')
    assert.deepEqual([row.total_amount, row.deal_id], [made.totalAmount, made.dealId ?? null])
  }
})

test('one buyer gets at most their share of a deal, over all orders, and the same request its order again', async () => {
  const productId = await shop.addProduct({ units: 100, amount: price })
  const { id } = await start(productId, { units: 10, unitsPerBuyer: 2 })
  assert.deepEqual(await order('ann', productId, { quantity: 3, total: 3 * dealPrice }), {
    kind: 'price_changed',
    total: won(3 * price),
  })
  const first = reserved(await order('ann', productId, { key: 'first', total: dealPrice }))
  const seconds = await Promise.all(
    [one, other].map((by, n) => order('ann', productId, { key: `s${n}`, by, total: dealPrice })),
  )
  assert.deepEqual(seconds.map(({ kind }) => kind).toSorted(), ['price_changed', 'reserved'])
  const again = reserved(await order('ann', productId, { key: 'first', total: dealPrice }))
  assert.deepEqual([again.known, again.order.id, again.order.dealId], [true, first.order.id, id])
  assert.equal(paid(await order('bo', productId, { quantity: 2, total: 2 * dealPrice })), 2 * dealPrice)
  assert.equal(await remaining(id), 6)
})

test('who saw a deal that has ended meanwhile is told the usual total, whoever or whatever ended it', async () => {
  for (const over of ['by its seller', 'by the clock']) {
    const productId = await shop.addProduct({ units: 10, amount: price })
    const deal = await start(productId)
    const kept = reserved(await order('early', productId, { total: dealPrice }))
    if (over === 'by its seller') assert.ok((await end(deal.id)).endsAt < deal.endsAt)
    else await letEnd(deal.id, productId)
    const late = await order('late', productId, { total: dealPrice, by: other })
    assert.deepEqual(late, { kind: 'price_changed', total: won(price) }, over)
    assert.equal(paid(await order('late', productId, { total: price })), price)
    // what was ordered in it keeps its price
    assert.equal(reserved(await order('early', productId, { total: dealPrice })).order.id, kept.order.id)
    assert.equal((await stockOf(shop.db, [productId])).get(productId)?.deal, undefined)
    assert.deepEqual(await end(deal.id), await readDeal(shop.db, deal.id)) // over already
  }
})

test('a released order gives its units of the deal back, once, however it ends', async () => {
  const productId = await shop.addProduct({ units: 10, amount: price })
  const { id } = await start(productId, { units: 2, unitsPerBuyer: 1 })
  const [cy, di] = await Promise.all(['cy', 'di'].map((buyer) => order(buyer, productId, { total: dealPrice })))
  assert.ok(cy && di)
  assert.equal((await order('eve', productId, { total: dealPrice })).kind, 'price_changed')
  const { id: orderId } = reserved(cy).order
  await Promise.all([release(orderId, productId), release(orderId, productId)])
  await release(orderId, productId)
  assert.equal(await remaining(id), 1)
  assert.equal(paid(await order('eve', productId, { total: dealPrice })), dealPrice)
  assert.equal((await order('cy', productId, { key: 'anew', total: dealPrice })).kind, 'price_changed')
  await shop
    .db('orders')
    .where('id', reserved(di).order.id)
    .update({ expires_at: new Date(Date.now() - 1_000) })
  await Promise.all([one, other].map(({ db }) => expireAll(db)))
  assert.equal(paid(await order('cy', productId, { key: 'anew', total: dealPrice })), dealPrice) // its share came back, too
  assert.equal(await remaining(id), 0)
})

test('what comes back of a deal that is over is no unit of the next one', async () => {
  const productId = await shop.addProduct({ units: 10, amount: price })
  const before = await start(productId, { units: 1 })
  const old = reserved(await order('fay', productId, { total: dealPrice }))
  await end(before.id)
  const next = await start(productId, { units: 1, off: won(100) })
  assert.equal(paid(await order('gil', productId, { total: 900 })), 900)
  await release(old.order.id, productId)
  assert.deepEqual([await remaining(before.id), await remaining(next.id)], [1, 0])
  assert.deepEqual(await order('hal', productId, { total: 900 }), { kind: 'price_changed', total: won(price) })
})

test('a deal is of a product with all its variants: their orders share its units, each at its own price less', async () => {
  const { productId, variantIds } = await shop.addVariants({ units: [50, 50], amount: price })
  const [small = '', large = ''] = variantIds
  await shop.db('products').where('id', large).update({ price_amount: 1_500 })
  const { id } = await start(productId, { units: 6 })
  const item = (sold: string, quantity = 1): WantedItem => ({ productId: sold, variantOf: productId, quantity })
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0
        ? basket(`v_${n}`, [item(small)], { total: dealPrice })
        : basket(`v_${n}`, [item(large)], { by: other, total: 1_200 }),
    ),
  )
  assert.equal(outcomes.filter(({ kind }) => kind === 'reserved').length, 6)
  assert.equal(await remaining(id), 0)
  const made = outcomes.flatMap((outcome) => (outcome.kind === 'reserved' ? [outcome.order] : []))
  const freed = made.slice(0, 3)
  await Promise.all(freed.map((each) => release(each.id, each.productId)))
  assert.equal(await remaining(id), 3)
  const both = reserved(await basket('ines', [item(small, 2), item(large)], { total: 2 * dealPrice + 1_200 }))
  assert.deepEqual(
    both.order.items?.map(({ unitAmount, dealId }) => [unitAmount, dealId]),
    [small, large].toSorted().map((each) => [each === small ? dealPrice : 1_200, id]),
  )
  assert.equal(await remaining(id), 0)
  await release(both.order.id, null)
  await release(both.order.id, null)
  assert.equal(await remaining(id), 3)
})

test('in an order of several products each is at its own deal’s price or at the usual one, as a whole', async () => {
  const [cup, tea, plain] = await Promise.all([1, 2, 3].map(() => shop.addProduct({ units: 50, amount: price })))
  assert.ok(cup && tea && plain)
  const [ofCup, ofTea] = [await start(cup, { units: 2 }), await start(tea, { units: 5, off: won(500) })]
  const items = (cups: number) => [
    { productId: cup, quantity: cups },
    { productId: tea, quantity: 1 },
    { productId: plain, quantity: 1 },
  ]
  assert.equal(paid(await basket('jo', items(2), { total: 2 * dealPrice + 500 + price })), 2 * dealPrice + 500 + price)
  assert.deepEqual([await remaining(ofCup.id), await remaining(ofTea.id)], [0, 4])
  const dearer = won(2 * price + 500 + price)
  assert.deepEqual(await basket('kim', items(2), { total: 2 * dealPrice + 500 + price }), {
    kind: 'price_changed',
    total: dearer,
  })
  const made = reserved(await basket('kim', items(2), { key: 'again', total: dearer.amount }))
  const rows = await shop
    .db('order_items')
    .where('order_id', made.order.id)
    .select('product_id', 'unit_amount', 'deal_id')
  assert.deepEqual(
    new Map(rows.map((row) => [row.product_id, [row.unit_amount, row.deal_id]])),
    new Map([
      [cup, [price, null]],
      [tea, [500, ofTea.id]],
      [plain, [price, null]],
    ]),
  )
  await release(made.order.id, null)
  assert.equal(await remaining(ofTea.id), 4)
})

test('one deal of a product runs at a time, and none that would sell a variant for nothing', async () => {
  const { productId, variantIds } = await shop.addVariants({ units: [5, 5], amount: price })
  const started = await Promise.allSettled([start(productId), start(productId)])
  assert.deepEqual(started.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  const refusal = started.find((each) => each.status === 'rejected')
  assert.equal(refusal?.reason.code, 'deal_running')
  const other = await shop.addProduct({ units: 5, amount: price })
  for (const off of [won(price), { amount: 1, currency: 'USD' }]) {
    await assert.rejects(start(other, { off }), { code: 'deal_too_large' })
  }
  await assert.rejects(start('prd_none'), { code: 'not_found' })
  await assert.rejects(end('deal_none'), { code: 'not_found' })
  // a price that was lowered below it meanwhile is what holds
  const [small = ''] = variantIds
  await shop.db('products').where('id', small).update({ price_amount: 200 })
  assert.equal(paid(await basket('lee', [{ productId: small, variantOf: productId, quantity: 1 }])), 200)
})

test('orders of a product without a deal ask nothing about deals; with one they ask once', async () => {
  const statementsOf = async (productId: string) => {
    const sent: string[] = []
    const request = checkRequest({
      buyerId: 'max',
      idempotencyKey: productId,
      productId,
      quantity: 1,
      broadcastId: null,
    })
    assert.ok(request)
    const batch = { productId, requests: [request], holdMs: 600_000, holdLimits: defaultHoldLimits } as const
    await inSession(shop.db, 60_000, (query) =>
      reserveBatch(
        (sql, options) => {
          sent.push(sql)
          return query(sql, options)
        },
        { ...batch, lookUp: 'refused', wantBuyers: false },
      ),
    )
    return sent
  }
  const plain = await statementsOf(await shop.addProduct({ units: 5, amount: price }))
  assert.equal(plain.length, 3)
  assert.doesNotMatch(plain.join(), /\bdeals\b|deal_uses/)
  const productId = await shop.addProduct({ units: 5, amount: price })
  const { id } = await start(productId)
  assert.equal((await statementsOf(productId)).length, 4)
  await letEnd(id, productId)
  assert.equal((await statementsOf(await shop.addProduct({ units: 5, amount: price }))).length, 3)
})

test('the audit tells of a deal that says another number than its orders, and of an order that no deal knows', async () => {
  const productId = await shop.addProduct({ units: 10, amount: price })
  const { id } = await start(productId)
  const { order: made } = reserved(await order('nia', productId, { total: dealPrice }))
  await shop.db('deals').where({ id }).update({ taken: 2 })
  assert.match((await checkBooks(shop.db)).faults.join(), new RegExp(`${id}: 4 units, says 2 taken, has 1`))
  await shop.db('deals').where({ id }).update({ taken: 0 })
  const use = await shop.db('deal_uses').where('order_id', made.id).first()
  await shop.db('deal_uses').where('order_id', made.id).delete()
  assert.match((await checkBooks(shop.db)).faults.join(), new RegExp(`${made.id}: 1 at the price of ${id}`))
  await shop.db('deal_uses').insert(use)
  await shop.db('deals').where({ id }).update({ taken: 1 })
})
