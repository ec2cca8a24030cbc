import { setTimeout as delay } from 'node:timers/promises'
import { call, newKey } from '../framework/http.ts'
import { cards, signUp, type Person } from '../framework/people.ts'

/** What one run saw; times are milliseconds of `Date.now`. */
export interface ShopRun {
  /** When each order was answered 201. */
  orderTimes: number[]
  /** Answers that were none of the expected, by step and status. */
  refusals: Record<string, number>
}

/**
 * Our own generator, beside JMeter's: so many shoppers, each of whom looks at the list, orders one unit and pays for it,
 * once a beat. A shopper who is late begins at once and keeps the beat from there, as JMeter's timer does.
 */
export async function runShop(options: {
  productId: string
  shoppers: number
  seconds: number
  beatMs: number
}): Promise<ShopRun> {
  const { productId, shoppers, seconds, beatMs } = options
  const people: Person[] = []
  // A few at once: a password takes a tenth of a second of a processor.
  for (let index = 0; index < shoppers; index += 4)
    people.push(...(await Promise.all(Array.from({ length: Math.min(4, shoppers - index) }, () => signUp('load')))))
  const run: ShopRun = { orderTimes: [], refusals: {} }
  const until = Date.now() + seconds * 1_000
  await Promise.all(
    people.map(async (person, index) => {
      await delay((index * beatMs) / shoppers)
      while (Date.now() < until) {
        const began = Date.now()
        await buyOnce(person, productId, run)
        await delay(Math.max(0, began + beatMs - Date.now()))
      }
    }),
  )
  return run
}

async function buyOnce(person: Person, productId: string, run: ShopRun): Promise<void> {
  const { token } = person
  const ask = async (step: string, expected: number, ...request: Parameters<typeof call>) => {
    const answer = await call(...request).catch(() => undefined)
    if (answer?.status === expected) return answer
    const what = `${step} ${answer?.status ?? 'none'}`
    run.refusals[what] = (run.refusals[what] ?? 0) + 1
    return undefined
  }
  await ask('list', 200, 'GET', '/api/commerce/v1/broadcasts')
  const order = { token, headers: newKey(), body: { productId, quantity: 1 } }
  const reserved = await ask('order', 201, 'POST', '/api/commerce/v1/orders', order)
  if (!reserved) return
  run.orderTimes.push(Date.now())
  const card = { number: cards.good, expiryMonth: 12, expiryYear: 2040, cvc: '737' }
  const sealed = await ask('card token', 201, 'POST', '/api/payment/v1/card-tokens', { token, body: card })
  if (!sealed) return
  const body = { orderId: reserved.body['id'], cardToken: sealed.body['token'] }
  await ask('pay', 202, 'POST', '/api/payment/v1/payments', { token, headers: newKey(), body })
}
