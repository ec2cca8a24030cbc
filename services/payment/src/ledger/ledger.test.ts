/** Books and settlements over random courses of payments, with MariaDB; only the gateway is played. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { migrate } from '@mytaek1/platform/mysql.ts'
import { testDatabase } from '@mytaek1/platform/testing/database.ts'
import { Gateways } from '../gateways/gateways.ts'
import type { PaymentGateway, RefundOutcome, SettlementLine } from '../gateways/payment-gateway.ts'
import { migrations } from '../payment.ts'
import { Payment, Refund } from '../payments/payment.ts'
import { completeRefund, requestRefund } from '../payments/refund.ts'
import { writeEnding } from '../payments/write-outcome.ts'
import { compareDay } from '../settlement/compare-day.ts'
import { takeDay } from '../settlement/daily-round.ts'
import { checkLedger, countUnbalanced, enterMissing } from './check-ledger.ts'
import { payoutStatement } from './statement.ts'

const { db } = await testDatabase()
await migrate(db, migrations)
const log = createLogger({ service: 'test', level: 'error' }, { write: () => undefined })
const day = '2026-11-20'
const noon = new Date(`${day}T12:00:00Z`)
const now = () => noon
const actor = { sub: 'acc_seller', role: 'seller' as const }

/** Numbers of a seed, from 0 up to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const won = { currency: 'KRW', payoutCurrency: 'KRW' }

/** A gateway with books of its own, whose refunds end as `next` says. */
function playedGateway(name: string) {
  const lines: SettlementLine[] = []
  let next: RefundOutcome['status'] = 'REFUNDED'
  const add = (reference: string, amount: number) => {
    const fee = Math.round(amount * 0.0319)
    lines.push({ reference, amount, ...won, gross: amount, fee, payout: amount - fee })
  }
  const unused = () => Promise.reject(new Error('not asked here'))
  const gateway: PaymentGateway = {
    name,
    capabilities: { cardEntry: true, partialRefund: true, settlements: true, lateChargeMs: 0 },
    begin: unused,
    readReturn: () => ({ kind: 'failed', reason: 'buyer_left' }),
    leave: unused,
    approve: unused,
    find: unused,
    refund: ({ reference, amount }) => {
      if (next !== 'REFUNDED') return Promise.resolve({ status: next, code: 'PLAYED' })
      add(reference, -amount.amount)
      return Promise.resolve({ status: 'REFUNDED', amount: amount.amount })
    },
    parseWebhook: () => Promise.resolve({ changed: [] }),
    async *settlements(asked) {
      if (asked === day) for (const line of lines) yield await Promise.resolve(line)
    },
  }
  return { gateway, lines, charge: add, answer: (status: RefundOutcome['status']) => (next = status) }
}

let count = 0
async function accepted(gateway: string): Promise<Payment> {
  const id = `pay_${(count += 1)}`
  return await Payment.query(db).insertAndFetch({
    id,
    order_id: `ord_${id}`,
    buyer_id: 'acc_buyer',
    state: 'PROCESSING',
    refunded_amount: 0,
    gateway,
    idempotency_key: id,
    request_hash: '0'.repeat(64),
    created_at: noon,
    updated_at: noon,
    generation: 2,
    lease_owner: 'drv_test',
  })
}

async function taken(played: ReturnType<typeof playedGateway>, amount: number, sellerId = 'acc_seller') {
  const payment = await accepted(played.gateway.name)
  const reference = `ref-${payment.id}`
  const claimed = { amount: { amount, currency: 'KRW' }, sellerId }
  await writeEnding({ db, now }, payment, 'drv_test', { to: 'CAPTURED', claimed, reference })
  played.charge(reference, amount)
  return { payment, reference }
}

async function refund(
  played: ReturnType<typeof playedGateway>,
  paymentId: string,
  amount: number,
  status: RefundOutcome['status'],
) {
  const made = await requestRefund(
    { db, now },
    { paymentId, amount, restock: false, idempotencyKey: `${(count += 1)}`, actor },
  )
  await Refund.query(db).findById(made.id).patch({ lease_owner: 'drv_test' })
  played.answer(status)
  const gateways = new Gateways([{ gateway: played.gateway, currencies: undefined, methods: ['card'] }])
  const deps = { db, gateways, log, now, wake: () => undefined }
  await completeRefund(deps, made, { owner: 'drv_test', attempts: 1 })
}

const balance = async (where: object): Promise<number> =>
  Number((await db('ledger_entries').where(where).sum({ sum: 'amount' }))[0]?.sum ?? 0)

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`seed ${seed}: whatever happens to payments and refunds, the ledger sums to zero and is the gateway’s, to the won`, async () => {
    const random = randomOf(seed)
    const played = playedGateway(`seed${seed}`)
    const where = { gateway: played.gateway.name }
    for (let step = 0; step < 25; step += 1) {
      const amount = 100 + Math.floor(random() * 100_000)
      if (random() < 0.3) {
        const declined = { to: 'DECLINED' as const, claimed: undefined, reason: 'card_declined' }
        await writeEnding({ db, now }, await accepted(played.gateway.name), 'drv_test', declined)
        continue
      }
      const { payment } = await taken(played, amount, `acc_seller_${Math.floor(random() * 3)}`)
      for (let left = amount; left > 0 && random() < 0.6;) {
        const part = 1 + Math.floor(random() * left)
        const status = random() < 0.3 ? 'REFUSED' : random() < 0.2 ? 'UNCLEAR' : 'REFUNDED'
        await refund(played, payment.id, part, status)
        left -= status === 'REFUSED' ? 0 : part
      }
    }
    assert.deepEqual(await checkLedger(db), [])
    const theirs = played.lines.reduce((sum, { amount }) => sum + amount, 0)
    assert.equal(await balance({ ...where, account: 'gateway_receivable' }), theirs)

    await compareDay({ db, now }, played.gateway, day)
    assert.deepEqual(await db('settlement_differences').where(where), [])
    assert.equal(await balance({ ...where, account: 'gateway_receivable' }), 0)
    assert.equal(await balance({ ...where, account: 'suspense' }), 0)
    const payout = played.lines.reduce((sum, line) => sum + line.payout, 0)
    assert.equal(await balance({ ...where, account: 'bank' }), payout)
    assert.equal(await balance(where), 0)
    await compareDay({ db, now }, played.gateway, day) // again changes nothing
    assert.equal(await balance({ ...where, account: 'bank' }), payout)
    assert.deepEqual(await checkLedger(db), [])
  })
}

test('money that was taken of no order and went back is entered twice, and is the gateway’s again', async () => {
  const played = playedGateway('unasked')
  const { id } = await accepted('unasked')
  const returned = { amount: 8_000, currency: 'KRW' }
  const ending = { to: 'CANCELED' as const, claimed: undefined, reason: 'order_released', returned }
  await writeEnding(
    { db, now },
    { id, order_id: `ord_${id}`, state: 'PROCESSING', gateway: 'unasked' },
    'drv_test',
    ending,
  )
  const line = { reference: 'ref-unasked', paymentId: id, fee: 0, ...won }
  played.lines.push(
    { ...line, amount: 8_000, gross: 8_000, payout: 8_000 },
    { ...line, amount: -8_000, gross: -8_000, payout: -8_000 },
  )
  const moves = await db('ledger_entries').where({ payment_id: id, account: 'gateway_receivable' }).orderBy('seq')
  assert.deepEqual(
    moves.map(({ amount }) => Number(amount)),
    [8_000, -8_000],
  )
  assert.equal(await balance({ gateway: 'unasked', account: 'suspense' }), 0)
  assert.deepEqual(await checkLedger(db), [])
  await compareDay({ db, now }, played.gateway, day)
  assert.deepEqual(await db('settlement_differences').where({ gateway: 'unasked' }), [])
})

test('a deed that does not sum to zero, money without entry and entries without money are each found', async () => {
  const played = playedGateway('faults')
  const [first, second, third] = [await taken(played, 1_000), await taken(played, 2_000), await taken(played, 3_000)]
  await refund(played, third.payment.id, 500, 'REFUNDED')
  const span = { from: new Date(noon.getTime() - 1), until: new Date(noon.getTime() + 1) }
  assert.equal(await countUnbalanced(db, span), 0)
  await db('ledger_entries').where({ deed: first.payment.id, account: 'seller_payable' }).update({ amount: -999 })
  await db('ledger_entries').where({ deed: second.payment.id }).delete()
  await db('payments').where({ id: third.payment.id }).update({ state: 'DECLINED' })
  assert.equal(await countUnbalanced(db, span), 1)
  assert.deepEqual(await checkLedger(db), [
    `entries that do not sum to zero, of deed ${first.payment.id}`,
    `money taken and not entered, or otherwise, of payment ${second.payment.id}`,
    `a sale entered of which no money was taken, of payment ${third.payment.id}`,
  ])
  await db('ledger_entries').where({ deed: first.payment.id, account: 'seller_payable' }).update({ amount: -1_000 })
  await db('payments').where({ id: third.payment.id }).update({ state: 'PARTIALLY_REFUNDED' })
  assert.equal(await enterMissing(db), 1) // as after a process of the version before
  assert.deepEqual(await checkLedger(db), [])
})

test('what a gateway settles otherwise is written down until it is cleared, and unknown money is in suspense', async () => {
  const played = playedGateway('other')
  const missing = await taken(played, 7_000)
  const line = played.lines.pop()
  const unconcluded = await accepted('other')
  played.lines.push({
    reference: 'ref-x',
    paymentId: unconcluded.id,
    amount: 4_000,
    gross: 4_000,
    fee: 0,
    payout: 4_000,
    ...won,
  })
  played.charge('ref-nobody', 5_000)
  const open = async () =>
    (await db('settlement_differences').where({ gateway: 'other', resolved_at: null }).orderBy('reference')).map(
      ({ reference, kind, ours, theirs }) => [reference, kind, ours, theirs],
    )
  await compareDay({ db, now }, played.gateway, day)
  const byReference = ([a]: unknown[], [b]: unknown[]) => (String(a) < String(b) ? -1 : 1)
  const unknown = [
    ['ref-nobody', 'unknown_reference', 0, 5_000],
    ['ref-x', 'charged_not_taken', 0, 4_000],
  ]
  assert.deepEqual(await open(), unknown)
  assert.equal(await balance({ gateway: 'other', account: 'suspense' }), -5_000)
  await compareDay({ db, now }, played.gateway, '2026-11-21') // by now the first day's sales must be settled
  assert.deepEqual(await open(), [...unknown, [missing.reference, 'not_settled', 7_000, 0]].toSorted(byReference))
  const late = {
    name: 'other',
    async *settlements() {
      if (line) yield await Promise.resolve(line)
    },
  }
  await compareDay({ db, now }, late, '2026-11-22')
  assert.deepEqual(await open(), unknown)
})

test('paid in one currency and settled in another: each has books that sum to zero, and the day has sums in both', async () => {
  const played = playedGateway('foreign')
  const { payment, reference } = await taken(played, 20_000)
  const atHome = await taken(played, 5_000)
  await refund(played, payment.id, 8_000, 'REFUNDED')
  const line = { reference, currency: 'KRW', payoutCurrency: 'USD' }
  const home = played.lines.filter((each) => each.reference === atHome.reference)
  played.lines.splice(0, played.lines.length, ...home)
  played.lines.push({ ...line, amount: 20_000, gross: 1_480, fee: 73, payout: 1_407 })
  played.lines.push({ ...line, amount: -8_000, gross: -590, fee: 0, payout: -590 })
  const compared = await compareDay({ db, now }, played.gateway, day)
  assert.deepEqual(
    [compared.payments, compared.sums.find(({ currency }) => currency === 'USD')],
    [2, { currency: 'USD', payout: 817, fees: 73 }],
  )
  assert.deepEqual(await db('settlement_differences').where({ gateway: 'foreign' }), [])
  const where = { gateway: 'foreign', payment_id: payment.id }
  assert.equal(await balance({ ...where, account: 'gateway_receivable' }), 0)
  assert.equal(await balance({ ...where, account: 'exchange', currency: 'KRW' }), 12_000)
  assert.equal(await balance({ ...where, account: 'exchange', currency: 'USD' }), -890)
  assert.equal(await balance({ ...where, account: 'bank', currency: 'USD' }), 817)
  assert.equal(await balance({ gateway: 'foreign', account: 'suspense' }), 0)
  assert.deepEqual(await checkLedger(db), [])
})

test('settled as paid in another currency than it was taken in is a difference', async () => {
  const played = playedGateway('yen')
  const { reference } = await taken(played, 9_000)
  played.lines.splice(0, 1, {
    reference,
    amount: 9_000,
    gross: 9_000,
    fee: 0,
    payout: 9_000,
    currency: 'JPY',
    payoutCurrency: 'JPY',
  })
  await compareDay({ db, now }, played.gateway, day)
  const [found] = await db('settlement_differences').where({ gateway: 'yen' })
  assert.deepEqual([found.kind, found.currency], ['currency_differs', 'JPY'])
})

test('a day of more lines than are read at once is the same, and reading it anew changes nothing', async () => {
  const played = playedGateway('many')
  const { reference } = await taken(played, 1_000)
  for (let n = 0; n < 1_100; n += 1)
    played.lines.push({ reference: `stranger-${n}`, amount: 10, gross: 10, fee: 0, payout: 10, ...won })
  const [mine] = played.lines.filter((line) => line.reference === reference)
  assert.ok(mine)
  played.lines.push({ ...mine, amount: -400, gross: -400, fee: 0, payout: -400 }) // another line of it, in another page
  const first = await compareDay({ db, now }, played.gateway, day)
  assert.equal(first.payments, 1_101)
  const entries = await db('ledger_entries').where({ gateway: 'many' }).count({ rows: '*' })
  assert.deepEqual(await compareDay({ db, now }, played.gateway, day), first)
  assert.deepEqual(await db('ledger_entries').where({ gateway: 'many' }).count({ rows: '*' }), entries)
  const [open] = await db('settlement_differences').where({ gateway: 'many', reference })
  assert.deepEqual([open.kind, open.theirs], ['refunded_not_by_us', 400])
})

test('days are taken one after the other, once, and when they are settled', async () => {
  const played = playedGateway('days')
  const at = (time: string) => new Date(`2026-11-${time}Z`)
  assert.equal(await takeDay(db, 'days', at('25T12:00:00')), undefined)
  await taken(played, 1_000)
  assert.equal(await takeDay(db, 'days', at('21T05:59:00')), undefined)
  assert.equal(await takeDay(db, 'days', at('21T06:00:00')), '2026-11-20')
  assert.equal(await takeDay(db, 'days', at('21T06:01:00')), undefined) // another process has it
  assert.equal(await takeDay(db, 'days', at('21T06:16:00')), '2026-11-20') // and died
  await db('settlement_days')
    .where({ gateway: 'days' })
    .update({ compared_at: at('21T06:17:00') })
  assert.equal(await takeDay(db, 'days', at('21T06:18:00')), undefined)
  assert.equal(await takeDay(db, 'days', at('22T06:00:00')), '2026-11-21')
})

test('a seller’s statement has sales, refunds, fees and the balance after each, and begins with what was owed before', async () => {
  const played = playedGateway('csv')
  const { payment } = await taken(played, 10_000, 'acc_csv')
  await refund(played, payment.id, 4_000, 'REFUNDED')
  await compareDay({ db, now }, played.gateway, day)
  const rows = async (from: string, to: string) => {
    let text = ''
    for await (const part of payoutStatement(db, { sellerId: 'acc_csv', from, to })) text += part
    return text.split('\r\n').slice(1, -1)
  }
  const { id, order_id } = payment
  assert.deepEqual(await rows(day, day), [
    `${day},sale,${id},${order_id},10000,KRW,10000`,
    `${day},refund,${id},${order_id},-4000,KRW,6000`,
    `${day},fee,${id},${order_id},-191,KRW,5809`,
  ])
  assert.deepEqual(await rows('2026-11-21', '2026-11-30'), ['2026-11-21,brought forward,,,0,KRW,5809'])
})
