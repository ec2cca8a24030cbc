/** Endings that share a transaction, with MariaDB. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate } from '@mytaek1/platform/mysql.ts'
import type { HandedOver } from '@mytaek1/platform/outbox.ts'
import { testDatabase } from '@mytaek1/platform/testing/database.ts'
import { checkLedger } from '../ledger/check-ledger.ts'
import { migrations } from '../payment.ts'
import { Payment } from './payment.ts'
import { writeEndings, type Ending } from './write-outcome.ts'

const { db } = await testDatabase()
await migrate(db, migrations)
const now = () => new Date()

async function accepted(id: string, lease_owner = 'drv_test'): Promise<Payment> {
  return await Payment.query(db).insertAndFetch({
    id,
    order_id: `ord_${id}`,
    buyer_id: 'acc_buyer',
    state: 'REQUESTED',
    refunded_amount: 0,
    gateway: 'simulator',
    idempotency_key: id,
    request_hash: '0'.repeat(64),
    created_at: now(),
    updated_at: now(),
    generation: 2,
    lease_owner,
    next_attempt_at: now(),
    owed_amount: 10_000,
    owed_currency: 'KRW',
    owed_since: now(),
  })
}

const paid: Ending = {
  to: 'CAPTURED',
  claimed: { amount: { amount: 10_000, currency: 'KRW' }, sellerId: 'acc_seller' },
  reference: 'ref',
}
const statesOf = async (...ids: string[]) =>
  (await Payment.query(db).whereIn('id', ids).orderBy('id')).map(({ state }) => state)

test('a batch is written, entered and handed over together; nothing of it is owed any more', async () => {
  const handed: HandedOver[] = []
  const endings = [await accepted('pay_a1'), await accepted('pay_a2')].map((payment) => ({ payment, ending: paid }))
  const written = await writeEndings({ db, now, deliver: (each) => handed.push(each) }, 'drv_test', endings)
  assert.deepEqual(written, [true, true])
  assert.deepEqual(await statesOf('pay_a1', 'pay_a2'), ['CAPTURED', 'CAPTURED'])
  assert.deepEqual(
    handed.map(({ events, left }) => [events.length, left]),
    [[2, 0]],
  )
  const owed = await Payment.query(db).whereNotNull('owed_since')
  assert.deepEqual(owed, [])
  assert.deepEqual(await checkLedger(db), [])
})

test('of a batch with a payment that another process holds by now, all but that one are written, once', async () => {
  const handed: HandedOver[] = []
  const own = [await accepted('pay_b1'), await accepted('pay_b3')]
  const others = await accepted('pay_b2', 'drv_other')
  const declined = await accepted('pay_b4')
  const written = await writeEndings({ db, now, deliver: (each) => handed.push(each) }, 'drv_test', [
    ...[...own, others].map((payment) => ({ payment, ending: paid })),
    { payment: declined, ending: { to: 'DECLINED', claimed: undefined, reason: 'card_declined' } },
  ])
  assert.deepEqual(written, [true, true, false, true])
  assert.deepEqual(await statesOf('pay_b1', 'pay_b2', 'pay_b3', 'pay_b4'), [
    'CAPTURED',
    'REQUESTED',
    'CAPTURED',
    'DECLINED',
  ])
  assert.deepEqual(
    handed.map(({ events }) => events.length),
    [2],
  )
  const rows = await db('outbox').whereIn('event_key', ['ord_pay_b1', 'ord_pay_b2', 'ord_pay_b3'])
  assert.equal(rows.length, 2)
  assert.deepEqual(await checkLedger(db), [])
})

test('without anybody who delivers, events are due at once for the relay', async () => {
  const payment = await accepted('pay_c1')
  await writeEndings({ db, now }, 'drv_test', [{ payment, ending: paid }])
  const [row] = await db('outbox').where({ event_key: 'ord_pay_c1' })
  assert.ok(row.due_at.getTime() <= Date.now() + 1_000)
})
