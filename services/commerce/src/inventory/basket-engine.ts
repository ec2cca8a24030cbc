import type { Knex } from 'knex'
import { inSession } from '@mytaek1/platform/mysql-session.ts'
import { BoundedQueue } from '../bounded-queue.ts'
import { checkBasket, type BasketOutcome, type BasketRequest, type CheckedBasket } from './basket.ts'
import { Batcher, type BatcherLimits } from './batcher.ts'
import type { HoldLimits } from './hold-limits.ts'
import type { InventoryMetrics } from './inventory-metrics.ts'
import { limitedBy, type Admit } from './order-request.ts'
import { reserveBaskets, type BasketBatch } from './reserve-baskets.ts'
import { retryDelay } from './retry-delay.ts'
import { releaseBaskets } from './return-baskets.ts'
import type { ReturnAnswer } from './return-units.ts'
import type { SoldOutLatch } from './sold-out-latch.ts'
import type { StockChange } from './stock-row.ts'

const basketsPerBatch = 128
// Each holds a connection while it waits for its rows: the orders of single products must always find one.
const transactionsAtOnce = 4

/** What orders of several products, and of variants, share with those of one product. */
export interface BasketDeps {
  db: Knex
  limits: BatcherLimits
  transactionMs: number
  metrics: InventoryMetrics
  latch: SoldOutLatch
  holdMs: number
  holdLimits: HoldLimits
  /** Runs work under a product's Redis lock, or without it when it is not to be had. */
  underLock: <T>(productId: string, work: () => Promise<T>) => Promise<T>
  announce: (change: StockChange) => void
}

/** The part of the engine for orders of several products, and of variants. */
export interface Baskets {
  place(request: BasketRequest, admit?: Admit): Promise<BasketOutcome>
  release(orderId: string): Promise<ReturnAnswer | undefined>
  /** Requests that wait or are being worked on. */
  readonly size: number
  drain(): Promise<void>
}

/**
 * Places and releases orders of several products. Baskets of the same products gather while their last batch commits,
 * like orders of one product; a hot product's own orders never wait in their queue, only for their transactions.
 */
export function createBaskets(deps: BasketDeps): Baskets {
  const { db, transactionMs, metrics, latch, holdMs, holdLimits, announce } = deps
  const limits = { ...deps.limits, maxBatch: Math.min(deps.limits.maxBatch, basketsPerBatch) }
  const retryDelayMs = (error: unknown, attempt: number) => retryDelay(error, attempt, metrics.retries)

  const turns = new BoundedQueue({
    name: 'orders of several products',
    concurrency: transactionsAtOnce,
    maxWaiting: limits.maxWaiting,
    deadlineMs: limits.deadlineMs,
  })

  const orders = new Batcher<CheckedBasket, BasketOutcome>({
    limits,
    retryDelayMs,
    run: async (key, requests) =>
      await turns.run(() => underLocks(lockedBy(requests), () => reserve(requests, { wantsBuyers: () => false }))),
  })

  // Of a product's variants the orders gather together, as its own would: its row is the one that they all wait for.
  const variants = new Batcher<CheckedBasket, BasketOutcome>({
    limits: deps.limits,
    retryDelayMs,
    run: async (productId, requests) =>
      await deps.underLock(productId, () => reserve(requests, { wantsBuyers: (id) => latch.wantsBuyers(id) })),
  })

  async function reserve(
    requests: readonly CheckedBasket[],
    { wantsBuyers }: Pick<BasketBatch, 'wantsBuyers'>,
  ): Promise<BasketOutcome[]> {
    const endTimer = metrics.batchSeconds.startTimer()
    const batch = { requests, holdMs, holdLimits, wantsBuyers }
    const { outcomes, stocks, soldOut } = await inSession(db, transactionMs, (query) => reserveBaskets(query, batch))
    endTimer()
    metrics.batchOrders.observe(requests.length)
    for (const { kind } of outcomes) metrics.orders.inc({ outcome: kind })
    stocks.forEach(announce)
    for (const { stock, buyers } of soldOut) {
      if (buyers === 'too_many') latch.tooManyBuyers(stock.productId)
      else latch.saw(stock, buyers)
    }
    return outcomes
  }

  const returns = new Batcher<string, ReturnAnswer | 'none'>({
    limits,
    retryDelayMs,
    run: async (orderId, repeats) => {
      const { answers, stocks } = await turns.run(() =>
        inSession(db, transactionMs, (query) => releaseBaskets(query, [orderId])),
      )
      stocks.forEach(announce)
      return repeats.map(() => answers.get(orderId) ?? 'none')
    },
  })

  const lockedBy = ([first]: readonly CheckedBasket[]) => [...new Set(first?.items.map(limitedBy))].toSorted(byId)

  // One after the other in order of product id: who holds a later one never waits for an earlier one.
  function underLocks<T>(productIds: readonly string[], work: () => Promise<T>): Promise<T> {
    return productIds.reduceRight((inner, id) => () => deps.underLock(id, inner), work)()
  }

  return {
    async place(request, admit) {
      const checked = checkBasket(request)
      if ('notForSale' in checked) return { kind: 'not_for_sale', productId: checked.notForSale }
      const short = checked.items.filter(({ productId }) => latch.refuses(productId, checked.buyerId))
      if (short.length > 0) {
        metrics.orders.inc({ outcome: 'sold_out' })
        return { kind: 'sold_out', short: short.map(({ productId }) => ({ productId, available: 0 })) }
      }
      const units = admit ? await admit(checked.items) : undefined
      const items = checked.items.map((item, n) => ({ ...item, addressUnits: units?.[n] }))
      const [first] = items
      if (items.length === 1 && first) return await variants.add(limitedBy(first), { ...checked, items })
      return await orders.add(items.map((item) => `${limitedBy(item)} ${item.productId}`).join(), { ...checked, items })
    },
    async release(orderId) {
      const answer = await returns.add(orderId, orderId)
      return answer === 'none' ? undefined : answer
    },
    get size() {
      return orders.size + variants.size + returns.size
    },
    async drain() {
      await Promise.all([orders.drain(), variants.drain(), returns.drain()])
    },
  }
}

const byId = (a: string, b: string) => (a < b ? -1 : 1)
