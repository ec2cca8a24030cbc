/** A buyer of a chaos run: asks until there is an answer, tries another card, and may get the money back. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '@mytaek1/platform/testing/random.ts'
import { priceAmount, type Shopper } from './shoppers.ts'
import type { PaymentPlatform } from './processes.ts'
import type { Watcher } from './chaos-watcher.ts'

const goodCard = '4242424242424242'
const wrongCvc = '4000000000000127'
const attemptsMax = 6
const askedWithinMs = 90_000

/** What a buyer did, for the judge. */
export interface Story {
  orderId: string
  /** Payments by what card they were made with. */
  good: string[]
  bad: string[]
  refundsAsked: number
}

type Deps = { platform: PaymentPlatform; watcher: Watcher; random: Random; adminToken: string }

/** Pays an order, come what may; with every tenth, money goes back. */
export async function liveOn(deps: Deps, buyer: Omit<Shopper, 'cardToken'>): Promise<Story> {
  const { random } = deps
  const story: Story = { orderId: buyer.orderId, good: [], bad: [], refundsAsked: 0 }
  let isGood = !random.chance(0.05)
  const refundedShare = random.chance(0.1) ? random.pick([1, 0.5, 0.3]) : 0
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const paymentId = await pay(deps, buyer, `${buyer.orderId}-${attempt}`, isGood ? goodCard : wrongCvc)
    if (paymentId === undefined) return story // the order takes no payment any more, or nobody answered
    ;(isGood ? story.good : story.bad).push(paymentId)
    const state = await deps.watcher.ended(paymentId)
    isGood = true
    if (state === 'DECLINED' || state === 'CANCELED') continue
    if (state === 'CAPTURED' && refundedShare > 0) {
      story.refundsAsked += 1
      await refund(deps, paymentId, refundedShare)
    }
    return story
  }
  return story
}

async function pay(deps: Deps, { token, orderId }: Omit<Shopper, 'cardToken'>, key: string, number: string) {
  const card = { number, expiryMonth: 12, expiryYear: 2040, cvc: '737' }
  const sealed = await ask(deps, token, '/card-tokens', card, 201)
  if (sealed === undefined) return undefined
  const paid = await ask(deps, token, '/payments', { orderId, cardToken: sealed.token }, 202, key)
  return paid?.id as string | undefined
}

async function refund(deps: Deps, paymentId: string, share: number): Promise<void> {
  const amount = share === 1 ? {} : { amount: { amount: priceAmount * share, currency: 'KRW' } }
  await ask(deps, deps.adminToken, `/payments/${paymentId}/refunds`, amount, 202, 'refund')
}

/** Sends the same request until somebody says yes or no; undefined: no, or nobody did in time. */
async function ask(
  { platform, random }: Deps,
  token: string,
  path: string,
  body: object,
  expected: number,
  key?: string,
): Promise<Record<string, unknown> | undefined> {
  const deadline = Date.now() + askedWithinMs
  while (Date.now() < deadline) {
    const { url } = platform.payment[random.between(0, platform.payment.length - 1)] ?? { url: '' }
    const answer = await fetch(`${url}/api/payment/v1${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    }).catch(() => undefined)
    const said = (await answer?.json().catch(() => undefined)) as Record<string, unknown> | undefined
    if (answer?.status === expected && said) return said
    if (answer && said && answer.status < 500 && answer.status !== 429 && answer.status !== 408) return undefined
    await delay(random.between(200, 1_500))
  }
  return undefined
}
