import { generateKeyPair, exportJWK, SignJWT } from 'jose'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { Registry } from 'prom-client'
import { tokenAudience, tokenIssuer } from '@mytaek1/contracts/access-token.ts'
import { eventEnvelopeShape, type InternalOrder, type ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { localTokenVerifier } from '@mytaek1/platform/auth.ts'
import { EndedSessions } from '@mytaek1/platform/ended-sessions.ts'
import { listen } from '@mytaek1/platform/health.ts'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { connectMysql, migrate } from '@mytaek1/platform/mysql.ts'
import { startOutboxRelay } from '@mytaek1/platform/outbox.ts'
import { signedFetch } from '@mytaek1/platform/service-signature.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { endedSessionsReader } from '../accounts/ended-sessions.ts'
import { createPaymentApp } from '../app.ts'
import { CardTokens } from '../cards/card-token.ts'
import { simulatorGateway } from '../gateways/simulator-client.ts'
import { orderReader } from '../payments/orders.ts'
import { createSimulatorApp } from '../simulator/app.ts'

const serviceToken = 'service-token-of-this-test-run-0123'
const migrations = new URL('../../migrations', import.meta.url).pathname

/**
 * The payment service and the simulated card network, over real HTTP and a database of its own; commerce's two internal
 * doors are played by this process: `orders` is what it knows, `events` what it was told, `claim` how it answers,
 * `endSession` ends one.
 */
export async function startPaymentWorld(t: TestContext, options: { claims?: boolean; gatewayTimeoutMs?: number } = {}) {
  const mysqlUrl = new URL(process.env.TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/')
  const admin = connectMysql({ url: mysqlUrl.href, poolMax: 1 })
  const database = newId('payment_test')
  await admin.raw('CREATE DATABASE ??', [database])
  mysqlUrl.pathname = `/${database}`
  const db = connectMysql({ url: mysqlUrl.href, poolMax: 10 })
  await migrate(db, migrations)
  const logged: string[] = []
  const log = createLogger({ service: 'test', level: 'debug' }, { write: (line) => void logged.push(line) })

  const gatewayTimeoutMs = options.gatewayTimeoutMs ?? 500
  const simulator = await startHttpServer(createSimulatorApp({ db, log, registry: new Registry(), latencyMs: 1 }), {
    port: 0,
  })
  const orders = new Map<string, InternalOrder>()
  const events: ServiceEvent[] = []
  const ended = new Map<string, number>()
  let arrived = Promise.withResolvers<void>()
  const commerce = createServer((request, response) => {
    void playCommerce(request).then(
      ({ status, body }) => response.writeHead(status).end(body),
      () => response.writeHead(500).end(),
    )
  })
  const playCommerce = async (request: IncomingMessage) => {
    const since = /^\/internal\/ended-sessions\/(\d+)$/.exec(request.url ?? '')?.[1]
    if (since !== undefined) {
      const sessions = [...ended].map(([id, endedAt]) => ({ id, endedAt }))
      return { status: 200, body: JSON.stringify({ sessions: sessions.filter(({ endedAt }) => endedAt > +since) }) }
    }
    const order = orders.get(decodeURIComponent((request.url ?? '').split('/').at(-1) ?? ''))
    if (request.method === 'GET')
      return order ? { status: 200, body: JSON.stringify(order) } : { status: 404, body: '' }
    const { event } = eventEnvelopeShape.parse(JSON.parse(await text(request)))
    events.push(event)
    if (event.type === 'payment.authorized') void answerClaim(event.data).catch(() => undefined) // the test may be over
    arrived.resolve()
    arrived = Promise.withResolvers()
    return { status: 204, body: '' }
  }
  await listen(commerce, 0, '127.0.0.1')
  const commerceUrl = `http://127.0.0.1:${(commerce.address() as AddressInfo).port}`

  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' })
  const relay = startOutboxRelay({ db, targets: { commerce: commerceUrl }, serviceToken, log })
  const endedSessions = new EndedSessions(endedSessionsReader({ commerceUrl, serviceToken }), log)
  const payment = createPaymentApp({
    db,
    gateway: simulatorGateway({ url: `http://127.0.0.1:${simulator.port}`, timeoutMs: gatewayTimeoutMs }),
    tokens: new CardTokens({ key: 'card-token-key-of-this-test-run-0123', lifetimeSeconds: 120 }),
    readOrder: orderReader({ commerceUrl, serviceToken }),
    verify: endedSessions.guard(localTokenVerifier({ keys: [await exportJWK(publicKey)] })),
    serviceToken,
    gatewayTimeoutMs,
    wake: () => relay.wake(),
    log,
    registry: new Registry(),
  })
  const server = await startHttpServer(payment.app, { port: 0 })
  const base = `http://127.0.0.1:${server.port}`

  const answerClaim = async (data: { paymentId: string; orderId: string }) => {
    const event: ServiceEvent =
      options.claims === false
        ? { type: 'order.claim_refused', data: { ...data, reason: 'expired' } }
        : { type: 'order.claimed', data: { paymentId: data.paymentId, orderId: data.orderId } }
    const body = JSON.stringify({ id: newId('e'), occurredAt: new Date().toISOString(), event })
    const call = { serviceToken, method: 'POST' as const, url: `${base}/internal/events`, body, timeoutMs: 5_000 }
    await Promise.all([signedFetch(call), signedFetch(call)]) // at least once: here always twice
  }

  t.after(async () => {
    await server.close(100)
    endedSessions.stop()
    await payment.stop()
    await relay.stop()
    await simulator.close(100)
    commerce.close()
    commerce.closeAllConnections()
    await db.destroy()
    await admin.raw('DROP DATABASE ??', [database])
    await admin.destroy()
  })

  const tokenOf = (accountId: string, role = 'viewer') =>
    new SignJWT({ role, name: accountId, sid: `ses_${accountId}` })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setSubject(accountId)
      .setIssuer(tokenIssuer)
      .setAudience(tokenAudience)
      .setExpirationTime('10m')
      .sign(privateKey)

  /** Calls the API as an account; the answer's body is parsed. */
  const call = async (
    accountId: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${base}/api/payment/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await tokenOf(accountId, accountId === 'root' ? 'admin' : 'viewer')}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    })
    const content = await response.text()
    return { status: response.status, body: content === '' ? {} : (JSON.parse(content) as Record<string, unknown>) }
  }

  return {
    call,
    db,
    events,
    logged,
    base,
    /** Sums of the simulated network's books. */
    networkTotals: async () =>
      (await fetch(`http://127.0.0.1:${simulator.port}/v1/ledger`)).json() as Promise<
        Record<string, { count: number; amount: number; refunded: number }>
      >,
    addOrder: (id: string, order: Partial<InternalOrder> = {}) => {
      const expiresAt = new Date(Date.now() + 600_000).toISOString()
      orders.set(id, {
        id,
        buyerId: 'ann',
        sellerId: 'sel',
        state: 'RESERVED',
        total: { amount: 12_900, currency: 'KRW' },
        expiresAt,
        ...order,
      })
    },
    /** The account signs out, as commerce tells it. */
    signOut: (accountId: string) => void ended.set(`ses_${accountId}`, Date.now()),
    /** A token for a card number, of account `ann` unless told otherwise. */
    cardToken: async (number: string, accountId = 'ann') => {
      const card = { number, expiryMonth: 12, expiryYear: 2040, cvc: '737' }
      const answer = await call(accountId, 'POST', '/card-tokens', card)
      return String(answer.body.token)
    },
    /** Resolves once the payment is in one of the states; fails after ten seconds, telling the last state seen. */
    settled: async (paymentId: string, ...states: string[]) => {
      const deadline = Date.now() + 15_000
      for (;;) {
        const { body } = await call('ann', 'GET', `/payments/${paymentId}`)
        if (states.includes(String(body.state))) return body
        if (Date.now() > deadline) throw new Error(`payment is ${String(body.state)}, not ${states.join(' or ')}`)
        await new Promise((resolve) => setTimeout(resolve, 20)) // the API has no event to await, a client polls too
      }
    },
    /** Resolves once commerce was told an event of that type. */
    told: async (type: ServiceEvent['type']) => {
      const signal = AbortSignal.timeout(10_000)
      for (;;) {
        const event = events.find((each) => each.type === type)
        if (event) return event
        signal.throwIfAborted()
        await Promise.race([arrived.promise, new Promise((resolve) => setTimeout(resolve, 1_000))])
      }
    },
  }
}
