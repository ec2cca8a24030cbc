import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import type { Registry } from 'prom-client'
import { LockUnavailableError, type Locks } from '@mytaek1/platform/lock.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { isDuplicateKey } from '@mytaek1/platform/mysql.ts'
import { inSession, type Query } from '@mytaek1/platform/mysql-session.ts'
import type { BasketOutcome, BasketRequest } from './basket.ts'
import { createBaskets } from './basket-engine.ts'
import { Batcher, type BatcherLimits } from './batcher.ts'
import { RecentBooks } from './recent-books.ts'
import { expireReservations } from './expire-reservations.ts'
import { defaultHoldLimits, type HoldLimits } from './hold-limits.ts'
import { inventoryMetrics } from './inventory-metrics.ts'
import {
  checkRequest,
  isId,
  type Admit,
  type CheckedRequest,
  type OrderRequest,
  type Outcome,
} from './order-request.ts'
import { reserveBatch } from './reserve-batch.ts'
import { retryDelay } from './retry-delay.ts'
import { shareLocks } from './shared-locks.ts'
import { releaseOrders, type ReturnAnswer } from './return-units.ts'
import { SoldOutLatch } from './sold-out-latch.ts'
import { publishStock, subscribeStock, type StockSubscription } from './stock-published.ts'
import type { StockChange } from './stock-row.ts'
import { isMyTurn, pruneStockEvents } from './upkeep.ts'
import { VariantTotals } from './variant-totals.ts'
import { createWaitingLists, type WaitingLists } from './waiting-lists.ts'

// The lock outlives the transaction that it guards: who loses it has long been cut off.
const transactionMostMs = 2_000
const lockTtlMs = 2_500
const lockWaitMs = 100 // then the row lock is waited for instead: as fair, and as right
const repeatsForMs = 5_000 // clients that repeat requests do so in swarms
const sweepEveryMs = 1_000
const booksEveryMs = 60_000 // one process of all

// Large batches keep a core and the redo log busy for 15 ms at a time. On two cores the slowest hundredth of another
// product's orders took 16-25 ms beside them, 10-12 ms beside batches of 64 or 128, 7-8 ms alone. At 64 a hot product keeps
// about half of its orders a second while others are ordered in the same process; alone it keeps them all.
const defaultLimits: BatcherLimits = {
  maxBatch: 2_048,
  maxBatchBeside: 64,
  maxWaitingPerKey: 20_000,
  maxWaiting: 50_000,
  deadlineMs: 6_000,
}

/** What the engine works with. `reservationSeconds`: how long a buyer has to pay; `holdLimits`: of products without their own. */
export interface InventoryDeps {
  db: Knex
  locks: Locks
  redis: readonly Redis[]
  log: Logger
  registry: Registry
  reservationSeconds: number
  holdLimits?: HoldLimits | undefined
  limits?: Partial<BatcherLimits>
  /** How long a transaction may take, two seconds unless it is said, before its connection is cut and it is tried again. */
  transactionMs?: number | undefined
}

/** The inventory of one process; any number of processes work on the same products. */
export interface Inventory {
  /** Begins to hear of others' changes, to sweep expired reservations and to check the books. */
  start(): void
  /** Takes no more orders, answers those it has, and stops. */
  stop(): Promise<void>
  /**
   * Reserves units, durably: the answer comes after the commit. Whom the queue is not open to, `admit` refuses by a throw.
   *
   * @throws {QueueFullError | QueueDeadlineError | QueueClosedError} not answered; the same request may be sent again.
   */
  placeOrder(request: OrderRequest, admit?: Admit): Promise<Outcome>
  /** Reserves units of several products, or of a variant, in one order, or of none; as `placeOrder` otherwise. */
  placeBasket(request: BasketRequest, admit?: Admit): Promise<BasketOutcome>
  /**
   * Releases a reservation unless it is claimed or paid; says what the order is then. Undefined: no such order.
   * `productId` is the order's: null when it has several.
   */
  release(order: { orderId: string; productId: string | null }): Promise<ReturnAnswer | undefined>
  /** Who waits for what is sold out. */
  waitingLists: WaitingLists
  /** Tells everybody of a change that another transaction made and committed. */
  announce(change: StockChange): void
  /** Calls back on each change that this process makes or hears of: any order, repeats included. */
  onChange(listener: (change: StockChange) => void): void
  /** Calls back on each change with offers that this process made or announced: their buyers are to be told. */
  onOffers(listener: (change: StockChange) => void): void
}

/** Makes the inventory engine of a process: nothing runs before `start`, but orders are taken. */
export function createInventory(deps: InventoryDeps): Inventory {
  const { db, locks, redis, log, registry, reservationSeconds, holdLimits = defaultHoldLimits } = deps
  const { transactionMs = transactionMostMs } = deps
  const limits = { ...defaultLimits, ...deps.limits }
  const holdMs = reservationSeconds * 1_000
  const listeners = new Set<(change: StockChange) => void>()
  const offerListeners = new Set<(change: StockChange) => void>()
  const stopping = new AbortController()
  let subscription: StockSubscription | undefined
  let loops: Promise<void>[] = []
  const latch = new SoldOutLatch(() => subscription?.isFed() ?? false)
  const books = new RecentBooks(db, reservationSeconds * 1_000 + booksEveryMs)
  const metrics = inventoryMetrics(registry, () => orders.size + returns.size + baskets.size)

  const hear = (change: StockChange) => {
    latch.saw(change)
    for (const listener of listeners) listener(change)
  }
  const announce = (change: StockChange) => {
    publishStock({ redis }, change)
    hear(change)
    if (change.offers) for (const listener of offerListeners) listener(change)
    if (change.variantOf !== undefined) totals.changed(change.variantOf)
  }
  const totals = new VariantTotals(db, announce)

  // Products whose requests are being repeated, and until when all of theirs are looked up first.
  const repeated = new Map<string, number>()
  const orders = new Batcher<CheckedRequest, Outcome>({
    limits,
    retryDelayMs: (error, attempt) => retryDelay(error, attempt, metrics.retries),
    run: async (productId, requests, handOver) => {
      const endTimer = metrics.batchSeconds.startTimer()
      const lookUp = (repeated.get(productId) ?? 0) > Date.now() ? 'all' : 'refused'
      const wantBuyers = latch.wantsBuyers(productId)
      const batch = { productId, requests, holdMs, holdLimits, lookUp, wantBuyers } as const
      const { outcomes, stock, buyers } = await underLock(productId, () =>
        inSession(db, transactionMs, (query) => reserveBatch(handingOver(query, handOver), batch)),
      ).catch((error: unknown) => {
        if (isDuplicateKey(error)) expectRepeats(productId)
        throw error
      })
      endTimer()
      metrics.batchOrders.observe(requests.length)
      for (const [outcome, count] of tally(outcomes)) metrics.orders.inc({ outcome }, count)
      if (stock && outcomes.some((outcome) => outcome.kind === 'reserved' && !outcome.known)) announce(stock)
      if (buyers === 'too_many') latch.tooManyBuyers(productId)
      else if (stock) latch.saw(stock, buyers)
      return outcomes
    },
  })

  const returns = new Batcher<string, ReturnAnswer | 'none'>({
    limits: { ...limits, maxBatch: 500 },
    retryDelayMs: (error, attempt) => retryDelay(error, attempt, metrics.retries),
    run: async (productId, orderIds) => {
      const { answers, stock } = await inSession(db, transactionMs, (query) =>
        releaseOrders(query, { productId, orderIds }),
      )
      if (stock) announce(stock)
      return orderIds.map((id) => answers.get(id) ?? 'none')
    },
  })

  const baskets = createBaskets({ db, limits, transactionMs, metrics, latch, holdMs, holdLimits, underLock, announce })
  const waitingLists = createWaitingLists({ db, holdMs, holdLimits, announce })

  function expectRepeats(productId: string): void {
    for (const [id, until] of repeated) if (until < Date.now()) repeated.delete(id)
    repeated.set(productId, Date.now() + repeatsForMs)
  }

  const sharedLock = shareLocks(locks, { ttlMs: lockTtlMs, waitMs: lockWaitMs, joinMs: lockTtlMs - transactionMostMs })

  // Redis decides who works, not what is true: without it, or with a lock lost meanwhile, the transaction is as right.
  async function underLock<T>(productId: string, work: () => Promise<T>): Promise<T> {
    try {
      return await sharedLock(`lock:stock:${productId}`, () => {
        metrics.locks.inc({ result: 'held' })
        return work()
      })
    } catch (error) {
      if (!(error instanceof LockUnavailableError)) throw error
      metrics.locks.inc({ result: error.reason })
      return await work()
    }
  }

  async function repeat(everyMs: number, event: string, step: () => Promise<void>): Promise<void> {
    const { signal } = stopping
    while (!signal.aborted) {
      // not in step with the other processes
      await delay(everyMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      await step().catch((error: unknown) => log.warn(event, { error }))
    }
  }

  return {
    start() {
      subscription = subscribeStock({ redis, log }, hear)
      loops = [
        repeat(sweepEveryMs, 'inventory.sweep_failed', async () => {
          metrics.returned.inc(await expireReservations(db, announce))
          metrics.placesEnded.inc(await waitingLists.sweep())
        }),
        repeat(booksEveryMs, 'inventory.books_unchecked', async () => {
          if (!(await isMyTurn(redis, 'books', booksEveryMs))) return metrics.books.set(-1)
          await pruneStockEvents(db)
          const faults = await books.check()
          metrics.books.set(faults.length)
          if (faults.length > 0) log.error('inventory.books_wrong', { faults: faults.slice(0, 5) })
        }),
      ]
      metrics.books.set(-1)
    },
    async stop() {
      stopping.abort()
      await Promise.all([orders.drain(), returns.drain(), baskets.drain(), ...loops])
      await totals.drain()
      subscription?.stop()
    },
    async placeOrder(request, admit) {
      // before anything else: most of those who press for a product come when it is gone
      if (latch.refuses(request.productId, request.buyerId)) {
        metrics.orders.inc({ outcome: 'sold_out' })
        return { kind: 'sold_out', available: 0 }
      }
      const checked = checkRequest(request)
      if (!checked) return { kind: 'not_for_sale' }
      const [addressUnits] = admit ? await admit([checked]) : []
      return await orders.add(checked.productId, { ...checked, addressUnits })
    },
    placeBasket: (request, admit) => baskets.place(request, admit),
    async release({ orderId, productId }) {
      if (!isId(orderId)) return undefined
      if (productId === null) return await baskets.release(orderId)
      if (!isId(productId)) return undefined
      const answer = await returns.add(productId, orderId)
      return answer === 'none' ? undefined : answer
    },
    waitingLists,
    announce,
    onOffers: (listener) => offerListeners.add(listener),
    onChange: (listener) => listeners.add(listener),
  }
}

// MariaDB gives a transaction's row locks up before it waits for the log to reach the disk: a batch that waits for the
// stock row by then has decided, and goes on to write, while the one before it is still being made durable. It cannot
// become durable before that one, since both are in the same log.
function handingOver(query: Query, handOver: () => void): Query {
  return (sql, options) => {
    const sent = query(sql, options)
    if (options?.commits) handOver()
    return sent
  }
}

function tally(outcomes: readonly Outcome[]): Map<Outcome['kind'], number> {
  const counts = new Map<Outcome['kind'], number>()
  for (const { kind } of outcomes) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}
