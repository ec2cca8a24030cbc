/** Holds our rows against the card network's own ledger, to the won. */
import { checkBooks } from '../../services/commerce/src/inventory/books.ts'
import { checkLedger } from '../../services/payment/src/ledger/check-ledger.ts'
import type { Story } from './chaos-buyer.ts'
import type { Database, PaymentPlatform } from './processes.ts'

/** What was wrong, counted; `notes` says it in words, at most twenty lines. */
export interface Verdict {
  payments: number
  ledgerDifference: number // won, of all payments together
  doubleCharges: number
  chargedWithoutStock: number
  paidWithoutMoney: number
  goodCardsDeclined: number
  notTerminal: number
  /** Events that took effect twice, units lost, entries that do not sum to zero or are not of what was taken. */
  otherFaults: number
  notes: string[]
}

interface Charge {
  order_id: string // our payment's id, and what a mutant put behind it
  amount: number
  canceled_amount: number
  created_at: Date
  done_at: Date
}
interface PaymentRow {
  id: string
  order_id: string
  state: string
  amount: number | null
  failure_reason: string | null
  created_at: Date
  updated_at: Date
}
interface OrderRow {
  id: string
  state: string
  payment_id: string | null
}

const moneyStates = ['CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED']
const endStates = [...moneyStates, 'DECLINED', 'CANCELED']
const ends = ['failure_reason', 'created_at', 'updated_at']
const notesMax = 20

/** The verdict on no run at all. */
export const nothing: Verdict = {
  payments: 0,
  ledgerDifference: 0,
  doubleCharges: 0,
  chargedWithoutStock: 0,
  paidWithoutMoney: 0,
  goodCardsDeclined: 0,
  notTerminal: 0,
  otherFaults: 0,
  notes: [],
}

/** Judges a run that has come to rest. */
export async function judge(platform: PaymentPlatform, stories: readonly Story[]): Promise<Verdict> {
  const { shop, payments: db, network } = platform
  const charges: Charge[] = await network('ledger_payments').whereNotNull('done_at').select()
  const payments: PaymentRow[] = await db('payments').select('id', 'order_id', 'state', 'amount', ...ends)
  const refunds: { payment_id: string; amount: number; state: string }[] = await db('refunds').select()
  const orders: OrderRow[] = await shop('orders').select('id', 'state', 'payment_id')
  const notes: string[] = []
  const note = (text: string) => void (notes.length < notesMax && notes.push(text))

  const taken = Map.groupBy(charges, (charge) => baseOf(charge.order_id))
  const returned = Map.groupBy(refunds, ({ payment_id: id }) => id)
  const byOrder = Map.groupBy(payments, ({ order_id: id }) => id)
  const netOf = (id: string) => sum((taken.get(id) ?? []).map((each) => each.amount - each.canceled_amount))
  const oursOf = ({ id, state, amount }: PaymentRow) =>
    moneyStates.includes(state)
      ? (amount ?? 0) - sum((returned.get(id) ?? []).filter(isDone).map((refund) => refund.amount))
      : 0

  let [ledgerDifference, doubleCharges, chargedWithoutStock, paidWithoutMoney] = [0, 0, 0, 0]
  for (const payment of payments) {
    const difference = Math.abs(netOf(payment.id) - oursOf(payment))
    ledgerDifference += difference
    if (difference > 0) {
      const charged = taken.get(payment.id)?.map(({ created_at, done_at }) => [created_at, done_at])
      note(
        `${JSON.stringify(payment)}: ${oursOf(payment)}, the network says ${netOf(payment.id)}: ${JSON.stringify(charged)}`,
      )
    }
  }
  for (const order of orders) {
    const own = byOrder.get(order.id) ?? []
    const net = sum(own.map(({ id }) => netOf(id)))
    const kept = own.flatMap(({ id, state }) =>
      (taken.get(id) ?? []).filter((each) => !(isGivenUp(state) && isBack(each))),
    )
    if (kept.length > 1) {
      doubleCharges += kept.length - 1
      note(`${order.id} was charged ${kept.length} times`)
    }
    if (net > 0 && order.state !== 'PAID') {
      chargedWithoutStock += 1
      note(`${order.id} is ${order.state} and ${net} was taken for it`)
    }
    if (order.state === 'PAID' && (order.payment_id === null || netOf(order.payment_id) <= 0)) {
      paidWithoutMoney += 1
      note(`${order.id} is PAID, and ${net} was taken`)
    }
  }
  const stateOf = new Map(payments.map(({ id, state }) => [id, state]))
  const declined = stories.flatMap(({ good }) => good.filter((id) => stateOf.get(id) === 'DECLINED'))
  for (const id of declined) note(`${id} was declined, with a good card`)
  const open = payments.filter(({ state }) => !endStates.includes(state))
  for (const { id, state } of open) note(`${id} is ${state}`)
  const refundsOpen = refunds.filter(({ state }) => state === 'REQUESTED').length
  const others = [...(await eventsTwice(shop)), ...(await checkBooks(shop)).faults, ...(await checkLedger(db))]
  for (const text of others) note(text)
  return {
    payments: payments.length,
    ledgerDifference,
    doubleCharges,
    chargedWithoutStock,
    paidWithoutMoney,
    goodCardsDeclined: declined.length,
    notTerminal: open.length + refundsOpen,
    otherFaults: others.length,
    notes,
  }
}

/** Whether anything at all was wrong. */
export const isWrong = ({ payments: _payments, notes: _notes, ...counts }: Verdict): boolean =>
  sum(Object.values(counts)) > 0

async function eventsTwice(shop: Database): Promise<string[]> {
  const [rows] = await shop.raw(
    'SELECT event_id, COUNT(*) AS times FROM inbox GROUP BY event_id HAVING times > 1 LIMIT 20',
  )
  return (rows as { event_id: string; times: number }[]).map((row) => `${row.event_id} took effect ${row.times} times`)
}

// taken long after its end, while another attempt paid: it is the network's doing, and must be back in full
const isGivenUp = (state: string) => state === 'CANCELED'
const isBack = (charge: Charge) => charge.canceled_amount >= charge.amount
const isDone = ({ state }: { state: string }) => state === 'DONE'
const baseOf = (orderId: string) => /^(pay_[^-]+)/.exec(orderId)?.[1] ?? orderId
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
