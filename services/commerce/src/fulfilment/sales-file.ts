import type { Knex } from 'knex'
import { idFloor } from '@mytaek1/platform/ids.ts'
import type { ProductRevisions } from '../catalog/product-revisions.ts'
import { titleOf } from '../catalog/variant.ts'
import { byteOrderMark, csvLines } from '../csv.ts'
import { decimalOf } from '../money-text.ts'
import { toFulfilment, type Fulfilment, type FulfilmentRow, type Person } from './fulfilment.ts'
import type { FulfilmentState } from './order-life.ts'
import { presentSales } from './present-sales.ts'
import type { SaleView } from './schema.ts'

const salesOfAPiece = 200
const dayMs = 86_400_000
const unpaidDaysMax = 31 // far longer than an account for a transfer waits: an order made earlier was not paid for as late

/** Which sales: paid for on these days, both among them, in Korea's time. */
export interface SalesSpan {
  from: string // 2026-11-01
  to: string
  state: FulfilmentState | undefined
}

/** When a span begins, and the moment at which it is over. */
export const momentsOf = ({ from, to }: Pick<SalesSpan, 'from' | 'to'>) => ({
  begin: new Date(`${from}T00:00:00+09:00`),
  end: new Date(new Date(`${to}T00:00:00+09:00`).getTime() + dayMs),
})

/**
 * Sales as CSV for whoever keeps the books, piece by piece: what the goods cost, what a coupon took off, what sending cost, what
 * went back and what is left, with the payment's id, by which statements of payouts name it. Nobody's name or address is in it.
 */
export async function* salesFile(
  { db, revisions, clock }: { db: Knex; revisions: ProductRevisions; clock: () => Date },
  { seller, ...span }: SalesSpan & { seller: Person },
): AsyncGenerator<string> {
  yield byteOrderMark + csvLines([header])
  let after: Fulfilment | undefined
  do {
    const page = await pageOf(db, { ...span, sellerId: seller.sub, after })
    const orderIds = page.map(({ orderId }) => orderId)
    const sales = await presentSales({ db, revisions, now: clock() }, { orderIds, actor: seller })
    yield csvLines(sales.map(rowOf))
    after = page.length < salesOfAPiece ? undefined : page.at(-1)
  } while (after !== undefined)
}

const header = [
  '주문번호',
  '결제번호',
  '결제일시(KST)',
  '주문 상태',
  '배송 상태',
  '방송번호',
  '상품',
  '수량',
  '통화',
  '상품금액',
  '할인',
  '배송비',
  '결제금액',
  '환불금액',
  '남은금액',
]

function rowOf({ order, fulfilment }: SaleView): (string | number)[] {
  const { total, shipping, discount, refunded } = order
  const { currency } = total
  const text = (amount: number) => decimalOf({ amount, currency })
  return [
    order.id,
    order.paymentId ?? '',
    timeInKorea(fulfilment.paidAt),
    order.state,
    fulfilment.state ?? '',
    order.broadcastId ?? '',
    order.items.map((item) => `${titleOf(item)} × ${item.quantity}`).join(' / '),
    order.quantity,
    currency,
    text(total.amount - shipping.amount + discount.amount),
    text(discount.amount),
    text(shipping.amount),
    text(total.amount),
    text(refunded.amount),
    text(total.amount - refunded.amount),
  ]
}

const timeInKorea = (at: string | null) =>
  at === null ? '' : new Date(Date.parse(at) + 9 * 3_600_000).toISOString().replace('T', ' ').slice(0, 19)

// by id, which sorts by when an order was made: what was paid for later than its page was read is not missed
async function pageOf(
  db: Knex,
  { sellerId, after, state, ...days }: SalesSpan & { sellerId: string; after: Fulfilment | undefined },
): Promise<Fulfilment[]> {
  const { begin, end } = momentsOf(days)
  const query = db('fulfilments')
    .where('seller_id', sellerId)
    .where('order_id', '>', after?.orderId ?? idFloor('o', begin.getTime() - unpaidDaysMax * dayMs))
    .where('order_id', '<', idFloor('o', end.getTime()))
    .where('paid_at', '>=', begin)
    .where('paid_at', '<', end)
    .orderBy('order_id')
    .limit(salesOfAPiece)
  if (state !== undefined) void query.where('state', state)
  const rows: FulfilmentRow[] = await query
  return rows.map(toFulfilment)
}
