/**
 * Both services as they are, with MariaDB, Redis and the simulated card network, in one process: nobody plays a part.
 * Here, and only here, both may be imported; in `src` the services speak contracts.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { after } from 'node:test'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { readEnv } from '@mytaek1/platform/env.ts'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { migrate } from '@mytaek1/platform/mysql.ts'
import { testDatabase, testRedisUrl } from '@mytaek1/platform/testing/database.ts'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { aProduct, signedIn, type TestAccount } from '../../services/commerce/src/testing/factories.ts'
import { eventually } from '../../services/commerce/src/testing/eventually.ts'
import { startTestApp } from '../../services/commerce/src/testing/test-app.ts'
import { paymentVariables } from '../../services/payment/src/config.ts'
import { createPayment, migrations } from '../../services/payment/src/payment.ts'
import type { Faults } from '../../services/payment/src/simulator/faults.ts'
import { createSimulatorApp, simulatorMigrations } from '../../services/payment/src/simulator/app.ts'

const serviceToken = randomBytes(16).toString('hex')

/** An answer of payment's API. */
export interface Paid {
  status: number
  body: any // oxlint-disable-line typescript/no-explicit-any -- a test asserts on whatever came
}

/** Starts everything for the calling test file; it ends after the file's last test. Call it at the file's top level. */
export async function startShop(
  options: { commerce?: NodeJS.ProcessEnv; payment?: NodeJS.ProcessEnv; faults?: Partial<Faults> } = {},
) {
  const stops: (() => Promise<void>)[] = []
  after(async () => {
    for (const stop of stops) await stop() // before the databases go: hooks run in the order in which they were made
  })
  const port = await freePort()
  const commerce = await startTestApp({
    SERVICE_TOKEN: serviceToken,
    // a few accounts stand for many buyers
    UNPAID_UNITS_PER_BUYER: '1000',
    UNPAID_ORDERS_PER_BUYER: '1000',
    LIMIT_ORDERS_PER_MINUTE: '100000',
    PAYMENT_URL: `http://127.0.0.1:${port}`,
    ...options.commerce,
  })
  const { db, url } = await testDatabase()
  await migrate(db, migrations)
  const { db: simulatorDb } = await testDatabase()
  await migrate(simulatorDb, simulatorMigrations)
  const logged: string[] = []
  const log = createLogger({ service: 'together', level: 'debug' }, { write: (line) => void logged.push(line) })
  const simulator = await startHttpServer(
    createSimulatorApp({ db: simulatorDb, log, registry: createRegistry('simulator'), faults: options.faults }),
    {
      port: 0,
    },
  )
  const config = readEnv(
    {
      MYSQL_URL: url,
      REDIS_URLS: await testRedisUrl(),
      LIMIT_DECLINES_PER_ACCOUNT: '1000000',
      LIMIT_DECLINES_PER_ADDRESS: '1000000', // the same for all tests of a run, and so is the issuer
      LIMIT_DECLINES_PER_BIN: '1000000',
      COMMERCE_URL: commerce.url,
      JWKS_URL: `${commerce.url}/api/commerce/v1/jwks.json`,
      GATEWAY_URL: `http://127.0.0.1:${simulator.port}`,
      SERVICE_TOKEN: serviceToken,
      CARD_TOKEN_KEY: randomBytes(16).toString('hex'),
      LOG_LEVEL: 'error',
      ...options.payment,
    },
    paymentVariables,
  )
  const payment = await createPayment(config, log)
  const server = await startHttpServer(payment.app, { port })
  stops.push(
    () => server.close(100),
    () => payment.close(),
    () => simulator.close(100),
  )

  /** Calls payment as an account; writes have an Idempotency-Key of their own. */
  const pays = async (
    account: TestAccount,
    method: string,
    path: string,
    body?: unknown,
    key: string | undefined = randomUUID(),
  ): Promise<Paid> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/payment/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${account.token}`,
        ...(key === '' ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(120_000),
    })
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false
    return { status: answer.status, body: text === '' ? undefined : isJson ? JSON.parse(text) : text }
  }
  const cardToken = async (buyer: TestAccount, number = '4242424242424242'): Promise<string> => {
    const card = { number, expiryMonth: 12, expiryYear: 2040, cvc: '737' }
    return (await pays(buyer, 'POST', '/card-tokens', card)).body.token
  }
  const newKey = () => ({ 'idempotency-key': randomUUID() })
  const orderOf = (account: TestAccount, id: string) => account.expect(200, 'GET', `/orders/${id}`)

  return {
    commerce,
    payment,
    db,
    simulatorDb,
    paymentPort: port,
    simulatorUrl: `http://127.0.0.1:${simulator.port}`,
    logged,
    pays,
    orderOf,
    signedIn: (name?: string) => signedIn(commerce.url, name),
    anAdmin: async (): Promise<TestAccount> => {
      const admin = await signedIn(commerce.url, 'Ada')
      await commerce.db('accounts').where('id', admin.id).update({ role: 'admin' })
      admin.token = (await admin.expect(201, 'POST', '/sessions/refresh')).accessToken
      return admin
    },
    product: (seller: TestAccount, over: { stock?: number; amount?: number } = {}) => aProduct(seller, over),
    order: (buyer: TestAccount, productId: string, quantity = 1) =>
      buyer.expect(201, 'POST', '/orders', { productId, quantity }, newKey()),
    stockOf: async (account: TestAccount, productId: string): Promise<number> =>
      (await account.expect(200, 'GET', `/products/${productId}`)).stock,
    cardToken,
    /** Enters a card and pays an order with it. */
    pay: async (buyer: TestAccount, orderId: string, number?: string): Promise<Paid> =>
      await pays(buyer, 'POST', '/payments', { orderId, cardToken: await cardToken(buyer, number) }),
    /** The payment, once it is in one of the states. */
    paymentIs: async (account: TestAccount, id: string, ...states: string[]) => {
      let seen: unknown
      return await eventually(
        `payment ${states.join(' or ')}`,
        async () => {
          const { body } = await pays(account, 'GET', `/payments/${id}`)
          seen = body
          return states.includes(body.state) ? body : undefined
        },
        () => seen,
      )
    },
    /** The refund's row, once it is in the state. */
    refundIs: async (refundId: string, state: string) =>
      await eventually(`refund ${state}`, async () => {
        const row = await db('refunds').where({ id: refundId, state }).first()
        return row as { failure_reason: string | null } | undefined
      }),
    /** The order, once it is in the state. */
    orderIs: async (account: TestAccount, id: string, state: string) =>
      await eventually(`order ${state}`, async () => {
        const order = await orderOf(account, id)
        return order.state === state ? order : undefined
      }),
    /** The simulated network's own sums. */
    networkTotals: async (): Promise<Record<string, { count: number; amount: number; refunded: number }>> =>
      (await (await fetch(`http://127.0.0.1:${simulator.port}/v1/ledger`)).json()) as never,
    /** Resolves when nothing is left to be told, either way. */
    allTold: () =>
      eventually('both outboxes are empty', async () => {
        const rows = await Promise.all([commerce.db, db].map((each) => each('outbox').count({ rows: '*' })))
        return rows.every(([row]) => Number(row?.rows) === 0) ? true : undefined
      }),
  }
}
