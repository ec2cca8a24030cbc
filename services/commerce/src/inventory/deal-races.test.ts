/** Deals, raced: buyers order, release and let end at random on two engines while deals start and end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { Random } from '@mytaek1/platform/testing/random.ts'
import { expireAll } from '../testing/expire-all.ts'
import { testShop } from '../testing/shop.ts'
import { checkBooks } from './books.ts'
import { expireReservations } from './expire-reservations.ts'
import { closeDeal, openDeal, readDeal } from './run-deal.ts'

const price = 1_000
const dealPrice = 600
const buyers = 60
const presses = 4
const shop = await testShop()
const engines = [await shop.addEngine(), await shop.addEngine()] as const
const won = (amount: number) => ({ amount, currency: 'KRW' })

for (const seed of [1, 2, 3]) {
  test(`each deal has at most its units, and every order the total that its buyer agreed to (seed ${seed})`, async () => {
    const random = new Random(seed)
    const cup = await shop.addProduct({ units: 400, amount: price })
    const shirt = await shop.addVariants({ units: [200, 200], amount: price })
    const [small = '', large = ''] = shirt.variantIds
    const engine = () => random.pick(engines).inventory
    const start = (productId: string) =>
      inTransaction(shop.db, (trx) =>
        openDeal(trx, {
          productId,
          broadcastId: 'b-show',
          off: won(price - dealPrice),
          units: 20,
          unitsPerBuyer: 2,
          seconds: 1_800,
        }),
      )
    const deals = [await start(cup), await start(shirt.productId)]

    const seen: { agreed: number; total: number }[] = []
    let refused = 0
    async function press(buyerId: string, n: number): Promise<void> {
      const agreed = random.chance(0.7) ? dealPrice : price
      const request = { buyerId, idempotencyKey: `${seed} ${n}`, broadcastId: null, expectedTotal: won(agreed) }
      const variantId = random.pick([small, large])
      const outcome = random.chance(0.5)
        ? await engine().placeOrder({ ...request, productId: cup, quantity: 1 })
        : await engine().placeBasket({
            ...request,
            items: [{ productId: variantId, variantOf: shirt.productId, quantity: 1 }],
          })
      if (outcome.kind !== 'reserved') {
        assert.equal(outcome.kind, 'price_changed')
        refused += 1
        return
      }
      const { id: orderId, productId, totalAmount: total } = outcome.order
      seen.push({ agreed, total })
      if (random.chance(0.3)) await engine().release({ orderId, productId })
      else if (random.chance(0.2)) {
        await shop
          .db('orders')
          .where('id', orderId)
          .update({ expires_at: new Date(Date.now() - 1_000) })
      }
    }
    async function visit(buyerId: string): Promise<void> {
      for (let n = 0; n < presses; n += 1) await press(buyerId, n)
    }
    async function restart(): Promise<void> {
      for (const productId of [cup, shirt.productId]) {
        const ended = deals.find((deal) => deal.productId === productId)
        await inTransaction(shop.db, (trx) => closeDeal(trx, ended?.id ?? ''))
        deals.push(await start(productId))
      }
    }
    await Promise.all([
      ...Array.from({ length: buyers }, (_, n) => visit(`buyer_${n}`)),
      restart(),
      ...engines.map(({ db }) => expireReservations(db, () => undefined)),
    ])
    await expireAll(shop.db)
    assert.deepEqual((await checkBooks(shop.db)).faults, [])
    assert.deepEqual(
      seen.filter(({ agreed, total }) => agreed !== total),
      [],
    )
    assert.ok(refused > 0)
    const left = await Promise.all(deals.map(async ({ id }) => (await readDeal(shop.db, id)).remaining))
    assert.ok(
      left.some((units) => units < 20),
      left.join(),
    )
  })
}
