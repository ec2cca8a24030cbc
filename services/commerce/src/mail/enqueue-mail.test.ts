import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { migrate } from '@mytaek1/platform/mysql.ts'
import { testDatabase } from '@mytaek1/platform/testing/database.ts'
import { migrations } from '../migrations.ts'
import { enqueueMail, type NewMail } from './enqueue-mail.ts'

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

  test('with facts of another shape ends the transaction of its cause', async () => {
    const data = { ...shipped.data, trackingUrl: 'javascript:alert(1)' }
    const bad = inTransaction(db, (trx) => enqueueMail(trx, { ...shipped, cause: 'bad', data }))
    await assert.rejects(bad, { name: 'ZodError' })
    assert.ok(!(await causes()).includes('bad'))
  })
})
