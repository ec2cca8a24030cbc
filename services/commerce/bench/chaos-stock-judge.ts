/** Holds what a seed's buyers were told against the rows. */
import type { Knex } from 'knex'
import { checkBooks } from '../src/inventory/books.ts'
import { couponUses, dealUnits, dealUnitsPerBuyer, unitsOf, type SeedRun, type Story } from './chaos-stock-seed.ts'

/** What was wrong, counted; `notes` says it in words, at most twenty lines. */
export interface Verdict {
  orders: number
  oversold: number // units sold beyond what there was
  lostUnits: number // units that are neither in stock nor in an order
  doubleOrders: number // requests with more than one order
  falseAnswers: number // answers that the rows contradict, and books that do not add up
  notes: string[]
}

interface OrderRow {
  id: string
  buyer_id: string
  request_id: string
  product_id: string | null
  quantity: number
  total_amount: number
  deal_id: string | null
  state: 'RESERVED' | 'PAID' | 'RELEASED' | 'REFUNDED'
}

/** Units of one product in one order that was not released. */
interface Sold {
  buyer: string
  productId: string
  quantity: number
}

/** Judges a seed that has come to rest. */
export async function judge(db: Knex, run: SeedRun): Promise<Verdict> {
  const { orders, items } = await readOrders(db, run.productIds)
  const sold = soldOf(orders, items)
  const notes: string[] = []
  let [oversold, lostUnits, falseAnswers] = [0, 0, 0]
  for (const productId of run.productIds) {
    const stock = await db('product_stock').where('product_id', productId).first()
    const active = sold.filter((each) => each.productId === productId).reduce((sum, { quantity }) => sum + quantity, 0)
    const missing = stock.supplied - stock.stock - stock.offered - active
    oversold += Math.max(0, active - stock.supplied)
    lostUnits += Math.abs(missing)
    if (missing !== 0)
      notes.push(`${stock.supplied} supplied, ${stock.stock} left, ${stock.offered} offered, ${active} sold or held`)
  }
  const requests = new Set(orders.map((order) => `${order.buyer_id} ${order.request_id}`))
  const doubleOrders = orders.length - requests.size
  if (doubleOrders > 0) notes.push(`${doubleOrders} orders more than requests`)

  const byId = new Map(orders.map((order) => [order.id, order]))
  for (const story of run.stories) {
    const lie = lieIn(story, byId) ?? lieAboutItems(story, items)
    if (lie === undefined) continue
    falseAnswers += 1
    notes.push(`${story.buyerId} ${story.key} (${story.plan}): ${lie}`)
  }
  const books = await checkBooks(db)
  falseAnswers += books.faults.length
  const overUsed = await usesBeyond(db, run.couponId)
  oversold += overUsed
  if (overUsed > 0) notes.push(`the coupon of ${couponUses} has ${overUsed} uses more`)
  const dealt = dealtOf(orders, items, run.dealId)
  const overDealt = Math.max(0, [...dealt.values()].reduce((sum, units) => sum + units, 0) - dealUnits)
  oversold += overDealt
  if (overDealt > 0) notes.push(`the deal of ${dealUnits} units has ${overDealt} more`)
  const tooMany = [
    ...[...dealt]
      .filter(([, units]) => units > dealUnitsPerBuyer)
      .map(([buyer, units]) => `${buyer} has ${units} of the deal, the limit is ${dealUnitsPerBuyer}`),
    ...overLimit(sold, [run.limitedId]),
    ...overLimit(sold, run.variantIds),
    ...overHeld(sold, run),
  ]
  notes.push(...books.faults, ...tooMany, ...run.lineFaults)
  falseAnswers += tooMany.length + run.lineFaults.length
  return { orders: orders.length, oversold, lostUnits, doubleOrders, falseAnswers, notes: notes.slice(0, 20) }
}

/** Orders that hold or sold something with a coupon, beyond what it is for. */
async function usesBeyond(db: Knex, couponId: string): Promise<number> {
  const [row] = await db('orders').where('coupon_id', couponId).whereNot('state', 'RELEASED').count('* as n')
  return Math.max(0, Number(row?.n) - couponUses)
}

/** Units at the deal's price in orders that were not released, by buyer. */
function dealtOf(orders: readonly OrderRow[], items: readonly ItemRow[], dealId: string): Map<string, number> {
  const dealt = new Map<string, number>()
  for (const order of orders.filter(({ state }) => state !== 'RELEASED')) {
    const lines = order.product_id === null ? items.filter((item) => item.order_id === order.id) : [order]
    for (const { deal_id: id, quantity } of lines) {
      if (id === dealId) dealt.set(order.buyer_id, (dealt.get(order.buyer_id) ?? 0) + quantity)
    }
  }
  return dealt
}

interface ItemRow {
  order_id: string
  deal_id: string | null
  product_id: string
  quantity: number
}

async function readOrders(db: Knex, productIds: string[]): Promise<{ orders: OrderRow[]; items: ItemRow[] }> {
  const items: ItemRow[] = await db('order_items').whereIn('product_id', productIds)
  const orders: OrderRow[] = await db('orders')
    .whereIn('product_id', productIds)
    .orWhereIn('id', [...new Set(items.map((item) => item.order_id))])
  return { orders, items }
}

function soldOf(orders: readonly OrderRow[], items: readonly ItemRow[]): Sold[] {
  return orders
    .filter(({ state }) => state !== 'RELEASED')
    .flatMap(({ id, buyer_id: buyer, product_id: productId, quantity }) =>
      productId === null
        ? items
            .filter((item) => item.order_id === id)
            .map((item) => ({ buyer, productId: item.product_id, quantity: item.quantity }))
        : [{ buyer, productId, quantity }],
    )
}

/** A basket's order must have all its products, as many of each. */
function lieAboutItems({ orderId, items }: Story, rows: readonly ItemRow[]): string | undefined {
  if (orderId === undefined || items.length === 1) return undefined
  const made = rows.filter((row) => row.order_id === orderId)
  const isWhole = items.every((item) =>
    made.some((row) => row.product_id === item.productId && row.quantity === item.quantity),
  )
  return isWhole && made.length === items.length ? undefined : `has an order of ${made.length} products`
}

const expected = new Set(['reserved', 'sold_out', 'over_limit', 'unpaid_limit', 'coupon_used', 'coupon_used_up'])

/** The first thing this buyer was told that is not so. */
function lieIn(story: Story, orders: ReadonlyMap<string, OrderRow>): string | undefined {
  const ids = new Set<string>()
  let reservedAt = Infinity
  for (const { outcome, answeredAt } of story.answers) {
    if (outcome.kind !== 'reserved') continue
    ids.add(outcome.order.id)
    reservedAt = Math.min(reservedAt, answeredAt)
    const row = orders.get(outcome.order.id)
    if (!row) return `was told of order ${outcome.order.id}, which is not there`
    if (row.quantity !== unitsOf(story) || row.buyer_id !== story.buyerId) return 'was told of another order'
    if (row.total_amount !== outcome.order.totalAmount)
      return `agreed to ${outcome.order.totalAmount}, not ${row.total_amount}`
  }
  if (ids.size > 1) return `was told of ${ids.size} orders`
  for (const { outcome, askedAt } of story.answers) {
    if (outcome.kind !== 'reserved' && askedAt > reservedAt) return `asked again and was told ${outcome.kind}`
    if (!expected.has(outcome.kind)) return `was told ${outcome.kind}`
  }
  const order = orders.get(story.orderId ?? '')
  return order && story.lived ? lieAboutEnd(story, order) : undefined
}

function lieAboutEnd(story: Story, { state }: OrderRow): string | undefined {
  const toldReleased = story.released.some((answer) => answer.state === 'RELEASED')
  const toldClaimed = story.released.some((answer) => answer.state !== 'RELEASED')
  if (story.captured && state !== 'PAID') return `paid, and the order is ${state}`
  if (toldReleased && state !== 'RELEASED') return `was told released, and the order is ${state}`
  if (toldClaimed && state === 'RELEASED') return 'was told it is being paid, and the order is RELEASED'
  if (story.plan === 'keep' && state !== 'RESERVED') return `did nothing, and the order is ${state}`
  if ((story.plan === 'decline' || story.plan === 'expire') && state !== 'RELEASED') return `the order is ${state}`
  return undefined
}

function overHeld(sold: readonly Sold[], { heldId }: SeedRun): string[] {
  const orders = new Map<string, number>()
  for (const { buyer, productId } of sold) if (productId === heldId) orders.set(buyer, (orders.get(buyer) ?? 0) + 1)
  return [...orders].filter(([, n]) => n > 2).map(([buyer, n]) => `${buyer} holds ${n} orders unpaid, the limit is 2`)
}

function overLimit(sold: readonly Sold[], limitedIds: readonly string[]): string[] {
  const held = new Map<string, number>()
  for (const { buyer, productId, quantity } of sold) {
    if (limitedIds.includes(productId)) held.set(buyer, (held.get(buyer) ?? 0) + quantity)
  }
  return [...held].filter(([, units]) => units > 2).map(([buyer, units]) => `${buyer} holds ${units}, the limit is 2`)
}
