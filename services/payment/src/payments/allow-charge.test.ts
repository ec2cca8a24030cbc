/** A gateway asks whether it may charge, and something else happens meanwhile; with MariaDB, the others are played. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClaimAnswer } from '@mytaek1/contracts/service-events.ts'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { migrate } from '@mytaek1/platform/mysql.ts'
import { testDatabase } from '@mytaek1/platform/testing/database.ts'
import { Gateways } from '../gateways/gateways.ts'
import type { Outcome, PaymentGateway } from '../gateways/payment-gateway.ts'
import { migrations } from '../payment.ts'
import { allowCharge } from './allow-charge.ts'
import { charge } from './charge.ts'
import { Payment } from './payment.ts'
import { writeEnding } from './write-outcome.ts'

const { db } = await testDatabase()
await migrate(db, migrations)
const log = createLogger({ service: 'test', level: 'error' }, { write: () => undefined })
const now = () => new Date('2026-11-20T12:00:00Z')
const total = { amount: 10_000, currency: 'KRW' }

/** A window that a buyer is in, and who is asked about it; `says` is the gateway's word, `claim` commerce's. */
async function inWindow(id: string, claim: () => Promise<ClaimAnswer>) {
  const unused = () => Promise.reject(new Error('not asked here'))
  const says: { word: Outcome } = { word: { status: 'DECLINED', reason: 'buyer_left', code: 'LEFT' } }
  const back: number[] = []
  const gateway: PaymentGateway = {
    name: 'played',
    capabilities: { cardEntry: false, partialRefund: true, settlements: false, lateChargeMs: 0 },
    begin: unused,
    readReturn: () => ({ kind: 'failed', reason: 'buyer_left' }),
    leave: () => Promise.resolve(says.word),
    approve: unused,
    find: () => Promise.resolve(says.word),
    refund: ({ amount: { amount } }) => {
      back.push(amount)
      return Promise.resolve({ status: 'REFUNDED', amount })
    },
    parseWebhook: () => Promise.resolve({ changed: [] }),
    async *settlements() {
      // none
    },
  }
  const gateways = new Gateways([{ gateway, currencies: undefined, methods: ['card'] }])
  const deps = { db, gateways, orders: { claim, read: unused }, publicUrl: '', now, log }
  const payment = await Payment.query(db).insertAndFetch({
    id,
    order_id: `ord_${id}`,
    buyer_id: 'acc_buyer',
    currency: total.currency,
    state: 'REQUESTED',
    refunded_amount: 0,
    gateway: gateway.name,
    method: 'card',
    idempotency_key: id,
    request_hash: '0'.repeat(64),
    created_at: now(),
    updated_at: now(),
    generation: 2,
    lease_owner: 'drv_looks',
    window_until: new Date(now().getTime() + 60_000),
    window_amount: total.amount,
    next_attempt_at: now(),
  })
  const read = () => Payment.query(db).findById(id).throwIfNotFound()
  const ask = () => allowCharge(deps, { paymentId: id, gateway: gateway.name })
  const drive = async () => {
    const row = await read()
    const hold = () => Promise.resolve(undefined)
    return await charge(deps, { payment: row, card: undefined, claimed: undefined, hold, chargeBy: now() })
  }
  return { payment, deps, says, back, read, ask, drive }
}

const claimed = (amount = total.amount): ClaimAnswer => {
  const order = {
    id: 'o',
    buyerId: 'acc_buyer',
    sellerId: 'acc_seller',
    state: 'RESERVED' as const,
    expiresAt: null,
    live: false,
  }
  return { claim: 'CLAIMED', order: { ...order, total: { ...total, amount } } }
}

test('who gives the window up while its order is claimed comes too late: the payment is as the gateway was told', async () => {
  const { payment, deps, read, ask } = await inWindow('pay_race', async () => {
    const left = { to: 'CANCELED' as const, claimed: undefined, reason: 'buyer_left' }
    assert.equal(await writeEnding(deps, payment, 'drv_looks', left), false)
    return claimed()
  })
  await ask()
  await ask() // once more
  const { state, amount, seller_id: seller } = await read()
  assert.deepEqual([state, amount, seller], ['PROCESSING', total.amount, 'acc_seller'])
})

test('once it has ended nothing is claimed and nothing may be charged', async () => {
  const { payment, deps, ask } = await inWindow('pay_over', () => assert.fail('claimed'))
  const left = { to: 'CANCELED' as const, claimed: undefined, reason: 'buyer_left' }
  assert.equal(await writeEnding(deps, payment, 'drv_looks', left), true)
  await assert.rejects(ask(), { code: 'order_not_payable' })
})

test('whoever took it up meanwhile gives it up: the gateway is not told that it may', async () => {
  const { ask, read } = await inWindow('pay_taken', async () => {
    await db('payments').where({ id: 'pay_taken' }).update({ lease_owner: 'drv_other' })
    return claimed()
  })
  await assert.rejects(ask(), { code: 'order_not_payable' })
  assert.equal((await read()).amount, null)
})

test('a claim of which no answer came is given back: commerce is told of the ending', async () => {
  let answers = false
  const { ask, drive } = await inWindow('pay_unclear', () =>
    answers ? Promise.resolve(claimed()) : Promise.reject(new UnavailableError('no answer')),
  )
  await assert.rejects(ask(), { kind: 'unavailable' })
  answers = true
  assert.deepEqual(await drive(), {
    ending: { to: 'CANCELED', reason: 'interrupted', claimed: { amount: total, sellerId: 'acc_seller' } },
  })
})

test('an order that costs other than the window says is not charged, and its claim is given back', async () => {
  const { ask, drive } = await inWindow('pay_differs', () => Promise.resolve(claimed(9_000)))
  await assert.rejects(ask(), { code: 'order_not_payable' })
  const driven = await drive()
  assert.ok('ending' in driven && driven.ending.to === 'CANCELED' && driven.ending.claimed, JSON.stringify(driven))
})

test('what was charged of an order that cannot be claimed goes back, less what went back, and is told to the ledger', async () => {
  const { says, back, drive } = await inWindow('pay_unasked', () =>
    Promise.resolve({ claim: 'REFUSED', reason: 'order_released' }),
  )
  says.word = { status: 'PAID', reference: 'tx_1', amount: 10_000, currency: 'KRW', refunded: 4_000 }
  const returned = { to: 'CANCELED', claimed: undefined, reason: 'order_released', returned: total }
  assert.deepEqual(await drive(), { ending: returned })
  assert.deepEqual(back, [6_000])
  says.word = { ...says.word, refunded: 10_000 } // the process died before it wrote that
  assert.deepEqual(await drive(), { ending: returned })
  assert.deepEqual(back, [6_000])
})
