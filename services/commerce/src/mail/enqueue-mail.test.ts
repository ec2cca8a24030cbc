import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { migrate } from '@mytaek1/platform/mysql.ts'
import { testDatabase } from '@mytaek1/platform/testing/database.ts'
import { migrations } from '../migrations.ts'
import { inOneTrip } from '@mytaek1/platform/mysql-trip.ts'
import { enqueueMail, mailsStatement, type NewMail } from './enqueue-mail.ts'

const { db } = await testDatabase()
await migrate(db, migrations)

const shipped: NewMail = {
  kind: 'order_shipped',
  accountId: 'acc_ann',
  cause: 'shp_1',
  data: { orderId: 'ord_1', carrier: 'CJ대한통운', trackingNumber: '1234', trackingUrl: null },
}
const causes = async () => (await db('mail_outbox').orderBy('seq').select('cause')).map((row) => row.cause)

describe('a mail', () => {
  test('is there when its cause is committed, and not when that is rolled back', async () => {
    const failing = inTransaction(db, async (trx) => {
      await enqueueMail(trx, { ...shipped, cause: 'never' })
      throw new Error('the cause failed')
    })
    await assert.rejects(failing, /the cause failed/)
    await inTransaction(db, (trx) => enqueueMail(trx, shipped))
    assert.deepEqual(await causes(), ['shp_1'])
  })

  test('that is enqueued again, for the same account, is the same mail', async () => {
    await inTransaction(db, (trx) => enqueueMail(trx, shipped))
    await inTransaction(db, (trx) => enqueueMail(trx, { ...shipped, accountId: 'acc_bo' }))
    assert.deepEqual(await causes(), ['shp_1', 'shp_1'])
  })

  test('of each order of a batch is written by one statement, once, to the account that it reads', async () => {
    const orders = ['ord_1', 'ord_2'].map((orderId) => ({ cause: orderId, data: { orderId } }))
    const buyers = `SELECT 'ord_1' AS cause, 'acc_ann' AS account_id UNION ALL SELECT 'ord_2', 'acc_bo'`
    for (let n = 0; n < 2; n += 1) await inOneTrip(db, [mailsStatement('order_paid', orders, buyers)])
    const mails = await db('mail_outbox').where('kind', 'order_paid').orderBy('cause').select('account_id', 'data')
    assert.deepEqual(mails, [
      { account_id: 'acc_ann', data: '{"orderId":"ord_1"}' },
      { account_id: 'acc_bo', data: '{"orderId":"ord_2"}' },
    ])
  })

  test('with facts of another shape ends the transaction of its cause', async () => {
    const data = { ...shipped.data, trackingUrl: 'javascript:alert(1)' }
    const bad = inTransaction(db, (trx) => enqueueMail(trx, { ...shipped, cause: 'bad', data }))
    await assert.rejects(bad, { name: 'ZodError' })
    assert.ok(!(await causes()).includes('bad'))
  })
})
