/**
 * A hot minute as the cluster sees it: 2,600 orders and 1,600 payments in 40 s through both services' sockets, and each buyer
 * asks for the payment every half second until it has ended. How long reads take, and how many have no answer in 15 s.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { printTable, quantile, round } from '../../services/commerce/bench/stock-parts.ts'
import { addProduct, prepareShop } from '../../services/commerce/src/testing/shop.ts'
import { startPlatform } from './processes.ts'
import { priceAmount, tokensOf } from './shoppers.ts'

const orders = 2_600
const payments = 1_600
const overMs = 40_000
const askEveryMs = 500
const answerWithinMs = 15_000
const asksMax = 120

const platform = await startPlatform({ processes: 1, network: { SIMULATOR_LATENCY_MS: '300' } })
const taken: Record<string, number[]> = { order: [], card: [], pay: [], read: [] }
const failed: Record<string, number> = {}
try {
  await prepareShop(platform.shop)
  const productId = await addProduct(platform.shop, { units: orders, amount: priceAmount })
  const tokens = await tokensOf(
    platform,
    Array.from({ length: orders }, (_, n) => `acc_rush_${n}`),
  )
  const states = await Promise.all(
    tokens.map(async (token, n) => {
      await delay((n / orders) * overMs)
      return await buy(token, productId, (n * payments) % orders < payments)
    }),
  )
  const ended = Map.groupBy(states, (state) => state)
  printTable(
    ['', 'answers', 'p50 ms', 'p99 ms', 'most ms', 'failed'],
    Object.entries(taken).map(([verb, ms]) => [
      verb,
      ms.length,
      quantile(ms, 0.5),
      quantile(ms, 0.99),
      quantile(ms, 1),
      failed[verb] ?? 0,
    ]),
  )
  const endings = Object.fromEntries([...ended].map(([state, all]) => [state, all.length]))
  console.log(JSON.stringify({ readP99Ms: round(quantile(taken.read ?? [], 0.99)), failed, endings }))
} finally {
  await platform.stop()
}

async function buy(token: string, productId: string, pays: boolean): Promise<string> {
  const [commerce, payment] = [platform.commerce[0]?.url, platform.payment[0]?.url]
  const order = await call('order', token, `${commerce}/api/commerce/v1/orders`, { productId, quantity: 1 })
  if (!pays || order === undefined) return 'RESERVED'
  const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2040, cvc: '737' }
  const sealed = await call('card', token, `${payment}/api/payment/v1/card-tokens`, card)
  const paid = await call('pay', token, `${payment}/api/payment/v1/payments`, {
    orderId: order.id,
    cardToken: sealed?.token,
  })
  if (paid === undefined) return 'REFUSED'
  for (let asks = 0; asks < asksMax; asks += 1) {
    await delay(askEveryMs)
    const now = await call('read', token, `${payment}/api/payment/v1/payments/${String(paid.id)}`)
    if (now && !['REQUESTED', 'PROCESSING', 'UNKNOWN'].includes(String(now.state))) return String(now.state)
  }
  return 'OPEN'
}

async function call(
  verb: string,
  token: string,
  url: string,
  body?: object,
): Promise<Record<string, unknown> | undefined> {
  const startedAt = performance.now()
  try {
    const answer = await fetch(url, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    const said = (await answer.json()) as Record<string, unknown>
    taken[verb]?.push(performance.now() - startedAt)
    if (answer.ok) return said
  } catch {
    // counted as failed, like a refusal
  }
  failed[verb] = (failed[verb] ?? 0) + 1
  return undefined
}
