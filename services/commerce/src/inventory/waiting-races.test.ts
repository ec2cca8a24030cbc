/** Who waits, raced: buyers join, buy, leave and let offers end at random on two engines while units come back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Random } from '@mytaek1/platform/testing/random.ts'
import { eventually } from '../testing/eventually.ts'
import { testShop } from '../testing/shop.ts'
import { checkBooks } from './books.ts'
import { expireReservations } from './expire-reservations.ts'
import type { Outcome } from './order-request.ts'
import type { StockChange } from './stock-row.ts'

const units = 6
const waiters = 40
const shop = await testShop()
const [one, other] = await Promise.all([shop.addEngine(), shop.addEngine()])

for (const seed of [1, 2, 3]) {
  test(`units that come back are offered in the order of the list, each once, and sold to nobody else (seed ${seed})`, async () => {
    const random = new Random(seed)
    const productId = await shop.addProduct({ units })
    const engine = () => random.pick([one, other]).inventory
    const press = (buyerId: string, key: string): Promise<Outcome> =>
      engine().placeOrder({ buyerId, idempotencyKey: key, productId, quantity: 1, broadcastId: null })
    const now = () => shop.db.raw('UTC_TIMESTAMP(3)')
    const leave = (buyerId: string) => engine().waitingLists.leave({ buyerId, productId })

    const holders = await Promise.all(Array.from({ length: units }, (_, n) => press(`holder_${n}`, `k${seed}`)))
    const buyers = Array.from({ length: waiters }, (_, n) => `buyer_${String(n).padStart(2, '0')}`)
    for (const buyerId of buyers) {
      assert.deepEqual(await engine().waitingLists.join({ buyerId, productId }), { kind: 'waits' })
    }
    const leavers = new Set(buyers.filter((_, n) => n % 8 === 7))
    const offers: StockChange[] = []
    const answered: Promise<void>[] = []
    const hear = (change: StockChange) => {
      if (change.productId !== productId) return
      offers.push(change)
      for (const { buyerId } of change.offers ?? []) answered.push(answer(buyerId))
    }
    for (const { inventory } of [one, other]) inventory.onOffers(hear)

    // the other engine may not have heard of the offer yet, and answer without the database
    const take = (buyerId: string) =>
      eventually('the offer is taken', async () => {
        const outcome = await press(buyerId, `offer ${seed}`)
        return outcome.kind === 'sold_out' ? undefined : outcome
      })
    // Units go round: whoever gets one gives it back in the end, so that all who wait are offered one.
    async function giveBack(outcome: Outcome): Promise<void> {
      assert.ok(outcome.kind === 'reserved', outcome.kind)
      const { id: orderId } = outcome.order
      await delay(random.between(0, 50))
      if (random.chance(0.5)) {
        await Promise.all([engine().release({ orderId, productId }), engine().release({ orderId, productId })])
        return
      }
      await shop.db('orders').where('id', orderId).update({ expires_at: now() })
      await Promise.all([one, other].map(({ db, inventory }) => expireReservations(db, (c) => inventory.announce(c))))
    }
    async function answer(buyerId: string): Promise<void> {
      await delay(random.between(0, 50))
      if (leavers.has(buyerId)) return await leave(buyerId)
      const choice = random.pick(['buys', 'buys', 'leaves', 'lets it end', 'buys too late'])
      if (choice === 'buys') return await giveBack(await take(buyerId))
      if (choice === 'leaves') return await leave(buyerId)
      await shop.db('waiting_places').where({ buyer_id: buyerId, product_id: productId }).update({ ends_at: now() })
      const late = choice === 'buys too late' ? press(buyerId, `offer ${seed}`) : undefined
      await Promise.all([one, other].map(({ inventory }) => inventory.waitingLists.sweep()))
      const outcome = await late
      assert.ok(outcome === undefined || outcome.kind === 'sold_out' || isLate())
    }
    const offered = () => offers.reduce((sum, change) => sum + (change.offers?.length ?? 0), 0)
    const isLate = () => offered() > waiters - 2 * units // so few wait still that a unit may come into stock
    let looks = 0
    async function watch(): Promise<void> {
      while (!isLate()) {
        const [[row]] = await shop.db.raw(
          `SELECT stock, supplied, offered, waiting, (SELECT MAX(ticket) FROM waiting_places p
              WHERE p.product_id = s.product_id AND p.offered) AS last_offered, (SELECT MIN(ticket) FROM waiting_places p
              WHERE p.product_id = s.product_id AND NOT p.offered) AS first_waiting
             FROM product_stock s WHERE product_id = ?`,
          [productId],
        )
        assert.equal(row.stock, 0)
        assert.ok(row.offered <= units)
        assert.ok(row.last_offered === null || row.last_offered < row.first_waiting, JSON.stringify(row))
        looks += 1
        await delay(2)
      }
    }
    async function strangers(): Promise<void> {
      for (let n = 0; !isLate(); n += 1) {
        const outcome = await press(`stranger_${n}`, `k${seed}`)
        assert.ok(outcome.kind === 'sold_out' || isLate(), `a stranger got a unit that others wait for`)
      }
    }
    const leaving = [...leavers].map(async (buyerId) => {
      await delay(random.between(0, 200))
      await leave(buyerId)
    })
    await Promise.all([...holders.map(giveBack), ...leaving, strangers(), strangers(), watch()])
    await eventually('all who wait had their turn', async () => {
      await Promise.all(answered)
      const row = await shop.db('product_stock').where('product_id', productId).first('waiting')
      return row?.waiting === 0 ? true : undefined
    })
    await Promise.all(answered)

    const inOrder = offers
      .toSorted((a, b) => a.version - b.version)
      .flatMap((change) => (change.offers ?? []).map(({ buyerId }) => buyerId))
    assert.deepEqual(
      inOrder.filter((buyerId) => !leavers.has(buyerId)),
      buyers.filter((buyerId) => !leavers.has(buyerId)),
    )
    assert.equal(new Set(inOrder).size, inOrder.length)
    assert.ok(looks > 5, `looked ${looks} times`)
    const books = await checkBooks(shop.db)
    assert.deepEqual(books.faults, [])
  })
}
