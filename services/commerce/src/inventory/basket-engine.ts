import type { Knex } from 'knex'
import { inSession } from '@mytaek1/platform/mysql-session.ts'
import { BoundedQueue } from '../bounded-queue.ts'
import { checkBasket, type BasketOutcome, type BasketRequest, type CheckedBasket } from './basket.ts'
import { Batcher, type BatcherLimits } from './batcher.ts'
import type { HoldLimits } from './hold-limits.ts'
import type { InventoryMetrics } from './inventory-metrics.ts'
import type { Admit } from './order-request.ts'
import { reserveBaskets } from './reserve-baskets.ts'
import { retryDelay } from './retry-delay.ts'
import { releaseBaskets } from './return-baskets.ts'
import type { ReturnAnswer } from './return-units.ts'
import type { SoldOutLatch } from './sold-out-latch.ts'
import type { StockChange } from './stock-row.ts'

const transactionMs = 2_000
const basketsPerBatch = 128
// Each holds a connection while it waits for its rows: the orders of single products must always find one.
const transactionsAtOnce = 4

/** What orders of several products share with those of one. */
export interface BasketDeps {
  db: Knex
  limits: BatcherLimits
  metrics: InventoryMetrics
  latch: SoldOutLatch
  holdMs: number
  holdLimits: HoldLimits
  /** Runs work under a product's Redis lock, or without it when it is not to be had. */
  underLock: <T>(productId: string, work: () => Promise<T>) => Promise<T>
  announce: (change: StockChange) => void
}

/** The part of the engine for orders of several products. */
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
  const { db, metrics, latch, holdMs, holdLimits, announce } = deps
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
    run: async (key, requests) => {
      const productIds = key.split(' ')
      const endTimer = metrics.batchSeconds.startTimer()
      const { outcomes, stocks } = await turns.run(() =>
        underLocks(productIds, () =>
          inSession(db, transactionMs, (query) => reserveBaskets(query, { productIds, requests, holdMs, holdLimits })),
        ),
      )
      endTimer()
      metrics.batchOrders.observe(requests.length)
      for (const { kind } of outcomes) metrics.orders.inc({ outcome: kind })
      stocks.forEach(announce)
      return outcomes
    },
  })

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
      return await orders.add(items.map(({ productId }) => productId).join(' '), { ...checked, items })
    },
    async release(orderId) {
      const answer = await returns.add(orderId, orderId)
      return answer === 'none' ? undefined : answer
    },
    get size() {
      return orders.size + returns.size
    },
    async drain() {
      await Promise.all([orders.drain(), returns.drain()])
    },
  }
}
