import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isContention } from '@mytaek1/platform/mysql.ts'
import { inSession } from '@mytaek1/platform/mysql-session.ts'
import { testShop } from '../testing/shop.ts'
import { lockStock, recordChange } from './stock-row.ts'

const shop = await testShop()

test('a change of more units than are there is refused in the database, with all that goes with it, and may run again', async () => {
  const productId = await shop.addProduct({ units: 3 })
  const believed = { productId, stock: 10, version: 1 } // somebody else has sold meanwhile, whatever the locks say
  const further = [`UPDATE product_stock SET supplied = 99 WHERE product_id = '${productId}'`]
  await assert.rejects(
    inSession(shop.db, 60_000, (query) => recordChange(query, believed, -4, further)),
    isContention,
  )
  const row = await shop.db('product_stock').where('product_id', productId).first()
  assert.deepEqual([row.stock, row.supplied, row.version], [3, 3, 1])
})

test('a change, its event and what goes with it come together', async () => {
  const productId = await shop.addProduct({ units: 3 })
  const change = await inSession(shop.db, 60_000, async (query) => {
    const row = await lockStock(query, productId)
    assert.ok(row)
    const further = [`UPDATE product_stock SET supplied = supplied + 2 WHERE product_id = '${productId}'`]
    return await recordChange(query, row, 2, further)
  })
  assert.deepEqual(change, { productId, stock: 5, version: 2 })
  const row = await shop.db('product_stock').where('product_id', productId).first()
  assert.deepEqual([row.stock, row.supplied, row.version], [5, 5, 2])
  const events = await shop
    .db('stock_events')
    .where('product_id', productId)
    .orderBy('version')
    .select('stock', 'delta')
  assert.deepEqual(
    events.map(({ stock, delta }) => [stock, delta]),
    [
      [3, 3],
      [5, 2],
    ],
  )
})
