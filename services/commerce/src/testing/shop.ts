/** A shop for tests of stock and orders: one database, one Redis, any number of engines on them. */
import { after } from 'node:test'
import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import { Registry } from 'prom-client'
import { newId } from '@mytaek1/platform/ids.ts'
import { createLocks } from '@mytaek1/platform/lock.ts'
import { createLogger, type Logger } from '@mytaek1/platform/logger.ts'
import { connectMysql, inTransaction, migrate } from '@mytaek1/platform/mysql.ts'
import { closeRedis, connectRedis, redisReady } from '@mytaek1/platform/redis.ts'
import { patientRedisMs, testDatabase, testRedisUrl } from '@mytaek1/platform/testing/database.ts'
import { Product } from '../catalog/product.ts'
import { variantsOf } from '../catalog/variant-queries.ts'
import { writeVariants } from '../catalog/write-variants.ts'
import type { HoldLimits } from '../inventory/hold-limits.ts'
import type { BatcherLimits } from '../inventory/batcher.ts'
import { createInventory, type Inventory } from '../inventory/engine.ts'
import { openDeal } from '../inventory/run-deal.ts'
import { openStock } from '../inventory/stock.ts'

/** A migrated database with a seller in it. */
export interface Shop {
  db: Knex
  url: string
  redisUrl: string
  log: Logger
  /** Puts a product on sale; answers its id. */
  addProduct(options: NewProduct): Promise<string>
  /** Puts a product on sale in variants with so many units each; answers their ids. */
  addVariants(options: Omit<NewProduct, 'units'> & { units: readonly number[] }): Promise<Variants>
  /** One more process' engine, with its own connections to everything. */
  addEngine(options?: EngineOptions): Promise<Engine>
}

/** A product to be put on sale. `amount`: its price in won. */
export interface NewProduct {
  units: number
  limitPerBuyer?: number
  unpaidOrdersPerBuyer?: number
  amount?: number
}

/** A product with an option, and its variants in order. */
export interface Variants {
  productId: string
  variantIds: string[]
}

/** How an engine differs from production's. */
export interface EngineOptions {
  reservationSeconds?: number
  redisUrls?: string[]
  mysqlUrl?: string
  limits?: Partial<BatcherLimits>
  /** How long a transaction may take before its connection is cut. */
  transactionMs?: number
  /** How long a command of Redis may take. */
  redisCommandMs?: number
  /** No limits, unless given: tests and benches let one buyer order a lot. */
  holdLimits?: HoldLimits
}

/** An engine and its connections. */
export interface Engine {
  inventory: Inventory
  db: Knex
  redis: Redis[]
  registry: Registry
  /** How many batches it has worked on: what is answered without the database is in none. */
  batches(): Promise<number>
  stop(): Promise<void>
}

// how fast an order is answered is the benches' to say: on a machine that stands still for a moment none is to fail for that
const patient = { redisCommandMs: patientRedisMs, transactionMs: 30_000, limits: { deadlineMs: 120_000 } }

const noHoldLimits = { units: 1_000_000, orders: 1_000_000 }

/** Prepares a shop for the calling test file; everything ends after its last test. */
export async function testShop(): Promise<Shop> {
  const { db, url } = await testDatabase()
  const redisUrl = await testRedisUrl()
  const log = createLogger({ service: 'test' }, { write: () => undefined })
  await prepareShop(db)
  return {
    db,
    url,
    redisUrl,
    log,
    addProduct: (options) => addProduct(db, options),
    addVariants: (options) => addVariants(db, options),
    addEngine: async ({ limits, ...options } = {}) => {
      const more = { ...patient, limits: { ...patient.limits, ...limits }, ...options }
      const engine = await openEngine({ log, mysqlUrl: url, redisUrls: [redisUrl], ...more })
      after(() => engine.stop())
      return engine
    },
  }
}

/** Migrates a database and signs up the seller whose products `addProduct` adds. */
export async function prepareShop(db: Knex): Promise<void> {
  await migrate(db, new URL('../../migrations', import.meta.url).pathname)
  await db('accounts').insert({
    id: 'acc_seller',
    email: 'seller@example.test',
    display_name: 'Seller',
    password_hash: 'none: nobody signs in here',
    role: 'seller',
    created_at: new Date(),
  })
}

/** Puts a product on sale; answers its id. */
export async function addProduct(db: Knex, { units, amount = 1_000, ...limits }: NewProduct): Promise<string> {
  const id = newId('prd')
  await inTransaction(db, async (trx) => {
    await trx('products').insert({
      id,
      seller_id: 'acc_seller',
      name: 'Cup',
      description: '',
      price_amount: amount,
      price_currency: 'KRW',
      created_at: new Date(),
      updated_at: new Date(),
    })
    await openStock(trx, { productId: id, units, ...limits })
  })
  return id
}

/** Puts a product on sale in variants with so many units each. */
export async function addVariants(
  db: Knex,
  { units, ...rest }: Omit<NewProduct, 'units'> & { units: readonly number[] },
): Promise<Variants> {
  const productId = await addProduct(db, { units: 0, ...rest })
  const values = units.map((_, n) => `value ${n}`)
  const variants = units.map((stock, n) => ({ values: [`value ${n}`], stock }))
  await inTransaction(db, async (trx) => {
    const product = await Product.query(trx).findById(productId).throwIfNotFound()
    await writeVariants(trx, product, { options: [{ name: 'Size', values }], variants }, new Date())
  })
  return { productId, variantIds: (await variantsOf(db, productId)).map(({ id }) => id) }
}

/** Makes a coupon of the seller known, 300 won off for an hour; `total`: how often it can be used. Answers its id. */
export async function addCoupon(db: Knex, { total }: { total: number | null }): Promise<string> {
  const id = newId('cpn')
  await db('coupons').insert({
    id,
    seller_id: 'acc_seller',
    name: 'Opening',
    currency: 'KRW',
    amount: 300,
    min_amount: 0,
    starts_at: new Date(Date.now() - 60_000),
    ends_at: new Date(Date.now() + 3_600_000),
    total,
    back_on_refund: false,
    created_at: new Date(),
  })
  return id
}

/** Starts a deal of a product, 400 won off each unit for half an hour; answers its id. */
export async function addDeal(
  db: Knex,
  deal: { productId: string; units: number; unitsPerBuyer: number | null },
): Promise<string> {
  const terms = { broadcastId: 'b-show', off: { amount: 400, currency: 'KRW' }, seconds: 1_800 }
  return (await inTransaction(db, (trx) => openDeal(trx, { ...deal, ...terms }))).id
}

/** An engine with connections of its own, started; the caller stops it. */
export async function openEngine(
  options: EngineOptions & { log: Logger; mysqlUrl: string; redisUrls: string[] },
): Promise<Engine> {
  const {
    log,
    mysqlUrl,
    redisUrls,
    limits,
    transactionMs,
    reservationSeconds = 600,
    holdLimits = noHoldLimits,
  } = options
  const db = connectMysql({ url: mysqlUrl })
  const redis = connectRedis(redisUrls, log, options.redisCommandMs)
  await redisReady(redis, 60_000)
  const registry = new Registry()
  const inventory = createInventory({
    db,
    redis,
    locks: createLocks(redis),
    log,
    registry,
    reservationSeconds,
    holdLimits,
    limits,
    transactionMs,
  })
  inventory.start()
  let stopped: Promise<void> | undefined
  const end = async () => {
    await inventory.stop()
    await closeRedis(redis)
    await db.destroy()
  }
  const batches = async () => Number(/^inventory_batch_orders_count (\d+)/m.exec(await registry.metrics())?.[1] ?? 0)
  return { inventory, db, redis, registry, batches, stop: () => (stopped ??= end()) }
}
