/** Waiting lists in the engine's transactions: who waits is offered what comes back, in order, for two minutes each. */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { inSession, queryOf } from '@mytaek1/platform/mysql-session.ts'
import { eventually } from '../testing/eventually.ts'
import { testShop, type Engine } from '../testing/shop.ts'
import { checkBooks } from './books.ts'
import { defaultHoldLimits } from './hold-limits.ts'
import { joinList, listLimits } from './join-waiting-list.ts'
import { checkRequest, type WantedItem } from './order-request.ts'
import { reserveBatch } from './reserve-batch.ts'
import { returnUnits } from './return-units.ts'
import { restock, setStock } from './stock.ts'
import type { StockChange } from './stock-row.ts'
import { offerMs } from './waiting-list.ts'
import { readPlaces } from './waiting-places.ts'

const shop = await testShop()
const [one, other] = await Promise.all([shop.addEngine(), shop.addEngine()])
const offers: StockChange[] = []
for (const { inventory } of [one, other]) inventory.onOffers((change) => offers.push(change))

const order = (buyerId: string, productId: string, options: { quantity?: number; key?: string; by?: Engine } = {}) => {
  const { quantity = 1, key = 'k', by = one } = options
  return by.inventory.placeOrder({
    buyerId,
    idempotencyKey: `${key} ${productId}`,
    productId,
    quantity,
    broadcastId: null,
  })
}
const basket = (buyerId: string, items: readonly WantedItem[]) =>
  one.inventory.placeBasket({ buyerId, idempotencyKey: JSON.stringify(items), items, broadcastId: null })
const join = async (buyerId: string, productId: string, variantOf?: string) =>
  (await other.inventory.waitingLists.join({ buyerId, productId, variantOf })).kind
const release = (orderId: string, productId: string) => one.inventory.release({ orderId, productId })
const add = async (productId: string, units: number) => {
  const change = await inTransaction(shop.db, (trx) => restock(trx, { productId, units }))
  assert.ok(change)
  one.inventory.announce(change)
}
/** As when its two minutes, or weeks, are over. */
const endNow = (buyerId: string) =>
  shop
    .db('waiting_places')
    .where('buyer_id', buyerId)
    .update({ ends_at: shop.db.raw('UTC_TIMESTAMP(3)') })
/** All that is over is swept, be it by the engines of their own accord. */
const sweepAll = () =>
  eventually('what is over is swept', async () => {
    await Promise.all([one, other].map(({ inventory }) => inventory.waitingLists.sweep()))
    const over = await shop.db('waiting_places').where('ends_at', '<=', shop.db.raw('UTC_TIMESTAMP(3)')).first()
    return over === undefined ? true : undefined
  })
const rowOf = async (productId: string) => {
  const { stock, waiting, offered } = await shop.db('product_stock').where('product_id', productId).first()
  return { stock, waiting, offered }
}
const offeredTo = (productId: string) =>
  offers
    .filter((change) => change.productId === productId)
    .toSorted((a, b) => a.version - b.version)
    .flatMap((change) => (change.offers ?? []).map(({ buyerId }) => buyerId))
const areOffered = async (productId: string, buyerIds: readonly string[]) => {
  // an engine tells a moment after others may read it
  await eventually(`${buyerIds.length} offers`, async () => offeredTo(productId)[buyerIds.length - 1])
  assert.deepEqual(offeredTo(productId), buyerIds)
}
const positionOf = async (buyerId: string) => (await readPlaces(shop.db, buyerId)).map(({ position }) => position)

/** A product that is sold out; `holder`: the order that has its last unit. */
async function soldOut(units = 1): Promise<{ productId: string; holder: string }> {
  const productId = await shop.addProduct({ units })
  const outcome = await order('holder', productId, { quantity: units })
  assert.ok(outcome.kind === 'reserved')
  return { productId, holder: outcome.order.id }
}

afterEach(async () => assert.deepEqual((await checkBooks(shop.db)).faults, []))

test('a unit that comes back is kept for who came first, and whoever else presses is told that it is sold out', async () => {
  const { productId, holder } = await soldOut()
  assert.deepEqual([await join('ann', productId), await join('bo', productId)], ['waits', 'waits'])
  assert.deepEqual([await positionOf('ann'), await positionOf('bo')], [[1], [2]])
  const before = Date.now()
  await release(holder, productId)
  assert.deepEqual(await rowOf(productId), { stock: 0, waiting: 2, offered: 1 })
  await areOffered(productId, ['ann'])
  const [place] = await readPlaces(shop.db, 'ann')
  const keptMs = (place?.offeredUntil?.getTime() ?? 0) - before
  assert.ok(place?.position === 0 && Math.abs(keptMs - offerMs) < 10_000, `kept for ${keptMs} ms`)
  assert.deepEqual(await positionOf('bo'), [1])
  for (const buyer of ['bo', 'stranger', 'holder']) {
    const outcome = await order(buyer, productId, { key: 'again' })
    assert.deepEqual(outcome, { kind: 'sold_out', available: 0 }, buyer)
  }
  const taken = await order('ann', productId, { by: other })
  assert.ok(taken.kind === 'reserved')
  assert.deepEqual(await rowOf(productId), { stock: 0, waiting: 1, offered: 0 })
  assert.deepEqual(await readPlaces(shop.db, 'ann'), [])
  await release(taken.order.id, productId)
  await areOffered(productId, ['ann', 'bo'])
})

test('an offer that nobody takes goes to the next, and from the last into stock; it can be taken no more', async () => {
  const { productId, holder } = await soldOut()
  await join('cy', productId)
  await join('di', productId)
  await release(holder, productId)
  await endNow('cy')
  assert.deepEqual(await order('cy', productId), { kind: 'sold_out', available: 0 }) // whether or not it is swept by then
  await sweepAll()
  await areOffered(productId, ['cy', 'di'])
  assert.equal(await join('cy', productId), 'waits') // anew, behind the others
  assert.deepEqual(await positionOf('cy'), [1])
  await endNow('di')
  await sweepAll()
  await endNow('cy')
  await sweepAll()
  await areOffered(productId, ['cy', 'di', 'cy'])
  assert.deepEqual(await rowOf(productId), { stock: 1, waiting: 0, offered: 0 })
  assert.equal((await order('stranger', productId)).kind, 'reserved')
})

test('who waits has one place, however often they ask, and gives it up with what was offered to it', async () => {
  const { productId, holder } = await soldOut()
  const joined = await Promise.all(Array.from({ length: 8 }, () => join('eve', productId)))
  assert.deepEqual(new Set(joined), new Set(['waits']))
  await join('fay', productId)
  await join('gil', productId)
  assert.deepEqual(await rowOf(productId), { stock: 0, waiting: 3, offered: 0 })
  const leave = (buyerId: string) => one.inventory.waitingLists.leave({ buyerId, productId })
  await Promise.all([leave('fay'), leave('fay')])
  assert.deepEqual(await positionOf('gil'), [2])
  await release(holder, productId)
  await Promise.all([leave('eve'), leave('eve'), leave('nobody')])
  await areOffered(productId, ['eve', 'gil'])
  await leave('gil')
  assert.deepEqual(await rowOf(productId), { stock: 1, waiting: 0, offered: 0 })
})

test('units that the seller adds are offered to who waits, one each, and the rest is for everybody', async () => {
  const { productId } = await soldOut(3)
  for (const buyer of ['hal', 'ida']) await join(buyer, productId)
  await add(productId, 5)
  await areOffered(productId, ['hal', 'ida'])
  assert.deepEqual(await rowOf(productId), { stock: 3, waiting: 2, offered: 2 })
  assert.deepEqual(await order('stranger', productId, { quantity: 4 }), { kind: 'sold_out', available: 3 })
  assert.equal((await order('hal', productId, { quantity: 3 })).kind, 'reserved') // the own one, and two of all others
  assert.deepEqual(await rowOf(productId), { stock: 1, waiting: 1, offered: 1 })
  await inTransaction(shop.db, (trx) => setStock(trx, { productId, stock: 0 })) // what is offered stays so
  assert.deepEqual(await rowOf(productId), { stock: 0, waiting: 1, offered: 1 })
  assert.equal((await order('ida', productId)).kind, 'reserved')
})

test('variants have lists of their own, and a basket takes what is offered of each of its products', async () => {
  const { productId: shirt, variantIds } = await shop.addVariants({ units: [1, 4] })
  const [size = ''] = variantIds
  const item = { productId: size, variantOf: shirt, quantity: 1 }
  const sold = await basket('holder', [item])
  const cup = await soldOut()
  assert.ok(sold.kind === 'reserved')
  assert.equal(await join('kim', size, shirt), 'waits')
  assert.equal(await join('kim', cup.productId), 'waits')
  assert.deepEqual(
    (await readPlaces(shop.db, 'kim')).map(({ productId, variantOf }) => ({ productId, variantOf })),
    [
      { productId: size, variantOf: shirt },
      { productId: cup.productId, variantOf: null },
    ].toSorted((a, b) => (a.productId < b.productId ? -1 : 1)),
  )
  await release(sold.order.id, size)
  await release(cup.holder, cup.productId)
  const both = [item, { productId: cup.productId, quantity: 1 }]
  const refused = await basket('stranger', both)
  assert.equal(refused.kind, 'sold_out')
  assert.equal((await basket('stranger', [item])).kind, 'sold_out')
  assert.equal((await basket('kim', both)).kind, 'reserved')
  for (const id of [size, cup.productId]) assert.deepEqual(await rowOf(id), { stock: 0, waiting: 0, offered: 0 })
})

test('nobody waits for what is in stock, not for sale, or refused to them anyway; lists are bounded', async () => {
  const { productId } = await soldOut()
  const limited = await shop.addProduct({ units: 1, limitPerBuyer: 1 })
  const { productId: shirt } = await shop.addVariants({ units: [0] })
  const hidden = await soldOut()
  assert.equal(await join('lee', limited), 'in_stock')
  await order('lee', limited)
  assert.equal(await join('lee', limited), 'over_limit')
  assert.equal(await join('lee', 'prd_none'), 'not_for_sale')
  assert.equal(await join('lee', "x' OR '1"), 'not_for_sale')
  assert.equal(await join('lee', shirt), 'variant_required')
  assert.equal(await join('lee', productId, shirt), 'not_for_sale')
  const within = (buyerId: string, limits: typeof listLimits) =>
    inTransaction(shop.db, (trx) =>
      joinList(queryOf(trx), { buyerId, productId }, { holdMs: 1, holdLimits: defaultHoldLimits, limits }),
    )
  assert.equal((await within('max', { ...listLimits, places: 1 })).kind, 'waits')
  assert.equal((await within('ned', { ...listLimits, places: 1 })).kind, 'list_full')
  await join('ned', hidden.productId)
  assert.equal((await within('ned', { ...listLimits, placesPerBuyer: 1 })).kind, 'too_many_places')
  await shop.db('products').where('id', hidden.productId).update({ listed: false })
  await release(hidden.holder, hidden.productId) // what was taken off sale is offered to nobody
  assert.deepEqual(await rowOf(hidden.productId), { stock: 1, waiting: 1, offered: 0 })
})

test('units of a refund that were put on sale before, and offered, do not come back a second time', async () => {
  const { productId, holder } = await soldOut(2)
  await join('oda', productId)
  await add(productId, 1) // one of them, as it was sent back
  await shop.db('orders').where('id', holder).update({ state: 'REFUNDED' })
  const refund = { productId, orderIds: [holder], state: 'REFUNDED', onSaleAgain: 1 } as const
  await inSession(shop.db, 60_000, (query) => returnUnits(query, refund))
  assert.deepEqual(await rowOf(productId), { stock: 1, waiting: 1, offered: 1 })
})

test('orders of a product for which nobody waits ask nothing about lists, and cost the three round trips that they did', async () => {
  const statementsOf = async (buyerId: string, productId: string) => {
    const sent: string[] = []
    const request = checkRequest({ buyerId, idempotencyKey: productId, productId, quantity: 1, broadcastId: null })
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
  const plain = await statementsOf('pam', await shop.addProduct({ units: 5 }))
  assert.equal(plain.length, 3)
  assert.doesNotMatch(plain.join(), /waiting_places/)
  const { productId, holder } = await soldOut()
  await join('pam', productId)
  await release(holder, productId)
  assert.match((await statementsOf('pam', productId)).join(), /FROM waiting_places/)
})

test('who has an offer is let through although all others are answered without the database', async () => {
  const { productId, holder } = await soldOut()
  await join('quinn', productId)
  await release(holder, productId)
  for (let n = 0; n < 20; n += 1) {
    const outcomes = [one, other].map((by) => order(`late_${n}`, productId, { by }))
    assert.deepEqual(new Set((await Promise.all(outcomes)).map(({ kind }) => kind)), new Set(['sold_out']))
  }
  assert.equal((await order('quinn', productId)).kind, 'reserved')
})
