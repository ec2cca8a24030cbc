/**
 * Paying, in a real browser on the cluster: a card that is declined and another one, a gateway's window out and back, left
 * and expired, reloads anywhere, and payment Pods that are rolled under hundreds of payments.
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { livedTime } from '@mytaek1/platform/testing/lived-time.ts'
import { testIds } from '@mytaek1/storefront/test-ids.ts'
import { openPage } from '../../framework/browser.ts'
import { call, expectStatus, newKey, type Answer } from '../../framework/http.ts'
import { addAddress, cards, createProduct, signUp, type Person } from '../../framework/people.ts'
import { doors, helm, kubectl, namespace, release } from '../../framework/platform-under-test.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const chart = path.resolve(import.meta.dirname, '../../../charts/mytaek1')
const payments = 500
const buyers = 25
const paidWithinMs = 2_000

interface Bought {
  buyer: Person
  orderId: string
  productId: string
}

async function anOrder(seller: Person): Promise<Bought> {
  const buyer = await signUp('buyer')
  const productId = await createProduct(seller, { name: 'lamp', price: 10_000, stock: 1 })
  return { buyer, productId, orderId: await order(buyer, productId) }
}

async function order({ token }: Person, productId: string): Promise<string> {
  const body = { productId, quantity: 1 }
  const { body: made } = await expectStatus(201, 'POST', '/api/commerce/v1/orders', { token, headers: newKey(), body })
  return String(made['id'])
}

const readOrder = async ({ buyer, orderId }: Bought): Promise<Answer['body']> =>
  (await expectStatus(200, 'GET', `/api/commerce/v1/orders/${orderId}`, { token: buyer.token })).body

/** A page of the buyer's own browser, signed in, with the order's payment open. */
async function toPay(t: TestContext, { buyer, orderId }: Bought) {
  await addAddress(buyer, 'Mina') // the default: it is shown, and paying confirms it
  const visit = await openPage(t, { locale: 'en-US' })
  const { page } = visit
  await page.goto(`${doors.http}/sign-in`)
  await page.getByTestId(testIds.email).fill(buyer.email)
  await page.getByTestId(testIds.password).fill(buyer.password)
  await page.getByTestId(testIds.submit).click()
  await page.getByTestId(testIds.accountName).first().waitFor()
  const open = async () => {
    await page.goto(`${doors.http}/orders`)
    await page.getByTestId(testIds.payOrder(orderId)).click()
  }
  await open()
  return { ...visit, open }
}

const stateIs = (page: Page, state: string) =>
  page.locator(`[data-testid="${testIds.orderState}"][data-state="${state}"]`).waitFor({ timeout: 60_000 })
const rowIs = (page: Page, orderId: string, state: string) =>
  page.locator(`[data-testid="${testIds.orderRow(orderId)}"][data-state="${state}"]`).waitFor({ timeout: 60_000 })

async function enterCard(page: Page, number: string): Promise<void> {
  await page.getByTestId(testIds.cardNumber).fill(number)
  await page.getByTestId(testIds.cardExpiry).fill('12/40')
  await page.getByTestId(testIds.cardCvc).fill('737')
  await page.getByTestId(testIds.pay).click()
}

/** Tells the simulated network how to behave, by the only Pods that reach it. */
async function simulate(faults: object): Promise<void> {
  const put = `fetch(new URL('/v1/faults', process.env.GATEWAY_URL), { method: 'PUT', headers: { 'content-type':
    'application/json' }, body: process.argv[1] }).then((answer) => process.exit(answer.status === 204 ? 0 : 1))`
  await kubectl(['exec', 'deploy/mytaek1-payment', '--', 'node', '-e', put, JSON.stringify(faults)])
}
const asUsual = { medianMs: 50 }

test(
  'a declined card says why and keeps the unit; after a reload another one pays, and a reload in the middle tells how it stands',
  { timeout: 600_000 },
  async (t) => {
    const bought = await anOrder(await signUp('seller'))
    const { page, open, errors } = await toPay(t, bought)
    await enterCard(page, '4000000000000127')
    await page.getByText('The CVC is wrong.').first().waitFor({ timeout: 60_000 })
    assert.equal((await readOrder(bought))['state'], 'RESERVED')
    await page.reload()
    await open()
    await enterCard(page, '4000000000003220') // charged a second and a half after the answer
    await waitFor('the payment to be accepted', 90, async () =>
      (await readOrder(bought))['paymentId'] === null ? notYet('no payment') : true,
    )
    await page.goto(`${doors.http}/orders`) // in the middle of it
    await rowIs(page, bought.orderId, 'PAID')
    await page.reload()
    await rowIs(page, bought.orderId, 'PAID')
    assert.deepEqual(errors, [])
  },
)

test(
  'payment Pods are rolled in the middle of hundreds of payments: no request fails, and every order is paid, once',
  { timeout: 600_000 },
  async (t) => {
    t.after(() => simulate(asUsual))
    const seller = await signUp('seller')
    const productId = await createProduct(seller, {
      name: 'mug',
      price: 1_000,
      stock: 10 * payments,
      unpaidPerBuyer: payments,
    })
    const crowd: Person[] = []
    while (crowd.length < buyers) crowd.push(...(await Promise.all([0, 1, 2, 3, 4].map(() => signUp('buyer')))))
    await simulate({ medianMs: 1_000, sigma: 0.5 }) // so that many are under way when their Pod leaves
    const failed: string[] = []
    const repeats: Record<string, number> = {}
    const ask = async (method: string, place: string, options: Parameters<typeof call>[2]): Promise<Answer['body']> => {
      for (let tries = 0; ; tries += 1) {
        const answer = await call(method, place, options).catch((error: unknown) => String(error))
        if (typeof answer !== 'string' && answer.status < 300) return answer.body
        const what = typeof answer === 'string' ? answer : `${answer.status} ${String(answer.body['code'])}`
        const isBusy = typeof answer !== 'string' && answer.status === 503 && answer.headers.has('retry-after')
        // 503 with Retry-After is a busy machine's answer, not a lost one
        if (isBusy) repeats[what] = (repeats[what] ?? 0) + 1
        else failed.push(`${method} ${place}: ${what}`)
        if (tries === 20) throw new Error(`${method} ${place} does not work: ${what}`)
        await delay(1_000)
      }
    }
    const made: { buyer: Person; orderId: string; paymentId: string }[] = []
    const buy = async (buyer: Person) => {
      const { token } = buyer
      const orderBody = { productId, quantity: 1 }
      const { id } = await ask('POST', '/api/commerce/v1/orders', { token, headers: newKey(), body: orderBody })
      const card = { number: cards.good, expiryMonth: 12, expiryYear: 2040, cvc: '737' }
      const sealed = await ask('POST', '/api/payment/v1/card-tokens', { token, body: card })
      const body = { orderId: id, cardToken: sealed['token'] }
      const payment = await ask('POST', '/api/payment/v1/payments', { token, headers: newKey(), body })
      made.push({ buyer, orderId: String(id), paymentId: String(payment['id']) })
    }
    const buying = Promise.all(
      crowd.map(async (buyer) => {
        for (let n = 0; n < payments / buyers; n += 1) await buy(buyer)
      }),
    )
    await waitFor('the first payments', 90, () => Promise.resolve(made.length >= 20 ? true : notYet(made.length)))
    await kubectl(['rollout', 'restart', 'deployment/mytaek1-payment'])
    await kubectl(['rollout', 'status', 'deployment/mytaek1-payment', '--timeout=180s'], { timeoutMs: 200_000 })
    t.diagnostic(`${made.length} of ${payments} payments were accepted when the last Pod was new`)
    await buying
    t.diagnostic(`repeated: ${JSON.stringify(repeats)}`)
    assert.deepEqual(failed, [])
    assert.equal(made.length, payments)
    const left = new Map(made.map((each) => [each.orderId, each]))
    await waitFor('every order to be PAID', 120, async () => {
      for (const { buyer, orderId, paymentId } of left.values()) {
        const { token } = buyer
        const { body } = await expectStatus(200, 'GET', `/api/commerce/v1/orders/${orderId}`, { token })
        if (body['state'] !== 'PAID') return notYet(`${left.size} left, of them ${orderId} ${String(body['state'])}`)
        const query = `/api/payment/v1/payments?orderId=${orderId}`
        const { items } = (await expectStatus(200, 'GET', query, { token })).body as {
          items: { id: string; state: string }[]
        }
        assert.deepEqual(
          items.map(({ id, state }) => [id, state]),
          [[paymentId, 'CAPTURED']],
        )
        left.delete(orderId)
      }
      return true
    })
  },
)

/** Has cards entered in the simulated gateway's window until the test is over. */
async function inWindows(t: TestContext): Promise<void> {
  const text = await helm(['history', release, '--namespace', namespace, '--output', 'json'])
  const before = (JSON.parse(text) as { revision: number }[]).at(-1)?.revision
  assert.ok(before)
  const waiting = ['--namespace', namespace, '--wait', '--timeout', '5m']
  t.after(() => helm(['rollback', release, `${before}`, ...waiting]))
  const gateways = 'payment.gateways=[{"name":"simulator","keyIn":false}]'
  await helm(['upgrade', release, chart, ...waiting, '--reuse-values', '--set-json', gateways])
  await waitFor('every payment Pod to have windows', 90, async () => {
    const asked = Array.from({ length: 6 }, () => call('GET', '/api/payment/v1/payment-methods?currency=KRW'))
    const seen = (await Promise.all(asked)).map(({ text: said }) => said)
    return seen.every((said) => said.includes('window')) ? true : notYet(seen)
  })
}

const inWindow = (page: Page) => page.waitForURL(/\/v1\/window\//)

test('a gateway’s window: out and back, left, expired, and reloads', { timeout: 900_000 }, async (t) => {
  await inWindows(t)
  const seller = await signUp('seller')

  await t.test('paid within two seconds of the return, and after any reload; no card field is loaded', async (t) => {
    const bought = await anOrder(seller)
    const { page, errors } = await toPay(t, bought)
    const requested: string[] = []
    page.on('request', (request) => requested.push(request.url()))
    await page.getByTestId(testIds.pay).click()
    await inWindow(page)
    await page.reload() // in the window, too
    await page.getByTestId('paid').click()
    await page.waitForURL(/\/pay\/pay_/)
    const sinceReturn = livedTime()
    t.after(() => sinceReturn.stop())
    await waitFor(
      'the order to be PAID',
      90,
      async () => {
        const { state } = await readOrder(bought)
        return state === 'PAID' ? true : notYet(state)
      },
      50,
    )
    const tookMs = sinceReturn.ms()
    t.diagnostic(`PAID ${Math.round(tookMs)} ms after the return`)
    assert.ok(tookMs <= paidWithinMs, `PAID ${tookMs} ms after the return`)
    await stateIs(page, 'PAID')
    await page.reload()
    await stateIs(page, 'PAID')
    await page.goto(`${doors.http}/orders`)
    await rowIs(page, bought.orderId, 'PAID')
    assert.deepEqual(
      requested.filter((url) => /card-form|card-tokens/.test(url)),
      [],
    )
    assert.deepEqual(errors, [])
  })

  await t.test('who leaves it reads so, still has the unit, and pays in another one', async (t) => {
    const bought = await anOrder(seller)
    const { page } = await toPay(t, bought)
    await page.getByTestId(testIds.pay).click()
    await inWindow(page)
    await page.getByTestId('left').click()
    await page.getByText('The payment window was closed').first().waitFor({ timeout: 60_000 })
    await stateIs(page, 'RESERVED')
    assert.notEqual((await readOrder(bought))['expiresAt'], null)
    await page.getByTestId(testIds.pay).click()
    await inWindow(page)
    await page.getByTestId('paid').click()
    await stateIs(page, 'PAID')
  })

  await t.test('one whose time is over leads back without money, and the reservation runs on', async (t) => {
    const bought = await anOrder(seller)
    const { expiresAt } = await readOrder(bought)
    t.after(() => simulate(asUsual))
    await simulate({ ...asUsual, sessionMs: 1 })
    const { page } = await toPay(t, bought)
    await page.getByTestId(testIds.pay).click()
    await inWindow(page)
    await page.getByTestId('paid').click()
    await page.getByText('The time to pay was over').first().waitFor({ timeout: 60_000 })
    await stateIs(page, 'RESERVED')
    assert.equal((await readOrder(bought))['expiresAt'], expiresAt)
  })
})
