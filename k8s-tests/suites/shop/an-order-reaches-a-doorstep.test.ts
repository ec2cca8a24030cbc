import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { livedTime } from '@mytaek1/platform/testing/lived-time.ts'
import { testIds } from '@mytaek1/storefront/test-ids.ts'
import { openPage } from '../../framework/browser.ts'
import { call, expectStatus, newKey } from '../../framework/http.ts'
import { addAddress, cards, createProduct, pay, signUp, stockOf, type Person } from '../../framework/people.ts'
import { doors } from '../../framework/platform-under-test.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const commerce = '/api/commerce/v1'
const price = 12_900

async function signIn(page: Page, { email, password }: Person): Promise<void> {
  await page.goto(`${doors.http}/sign-in`)
  await page.getByTestId(testIds.email).fill(email)
  await page.getByTestId(testIds.password).fill(password)
  await page.getByTestId(testIds.submit).click()
  await page.getByTestId(testIds.accountName).first().waitFor({ state: 'attached' })
}

/** Orders two units to the buyer's default address; answers the order's id. */
async function orderTwo(buyer: Person, productId: string, addressId: string): Promise<string> {
  const placed = await expectStatus(201, 'POST', `${commerce}/orders`, {
    token: buyer.token,
    headers: newKey(),
    body: { productId, quantity: 2, expectedTotal: { amount: 2 * price, currency: 'KRW' } },
  })
  const id = String(placed.body['id'])
  await expectStatus(200, 'PUT', `${commerce}/orders/${id}/address`, { token: buyer.token, body: { addressId } })
  return id
}

for (const [locale, width, height] of [
  ['ko-KR', 390, 844],
  ['en-US', 1_440, 900],
] as const) {
  test(
    `a seller sees an order with its address within a second of payment and ships it; the buyer sees each step, sends one of two back and is refunded (${locale}, ${width})`,
    { timeout: 600_000 },
    async (t) => {
      const [seller, buyer, stranger] = await Promise.all([signUp('seller'), signUp('buyer'), signUp('stranger')])
      const productId = await createProduct(seller, { name: '유리컵', price, stock: 5 })
      const addressId = await addAddress(buyer, '김민지')
      const desk = await openPage(t, { locale, width, height })
      const home = await openPage(t, { locale, width, height })
      await Promise.all([signIn(desk.page, seller), signIn(home.page, buyer)])
      await desk.page.goto(`${doors.http}/studio/orders`)
      await desk.page.getByTestId(testIds.deskFilter('all')).waitFor()
      const orderId = await orderTwo(buyer, productId, addressId)
      await home.page.goto(`${doors.http}/orders`)
      await home.page.getByTestId(testIds.orderRow(orderId)).waitFor()

      const saleIs = (state: string) =>
        desk.page.locator(`[data-testid="${testIds.deskSale(orderId)}"][data-state="${state}"]`).waitFor()
      const wayIs = (state: string) =>
        home.page.locator(`[data-testid="${testIds.orderWay(orderId)}"][data-state="${state}"]`).waitFor()

      await pay(buyer, orderId, cards.good)
      await waitFor(
        'the order to be paid',
        90,
        async () => {
          const { body } = await expectStatus(200, 'GET', `${commerce}/orders/${orderId}`, { token: buyer.token })
          return body['state'] === 'PAID' ? true : notYet(body['state'])
        },
        50,
      )
      const sincePaid = livedTime()
      t.after(() => sincePaid.stop())
      await saleIs('PAID')
      const seenMs = sincePaid.ms()
      t.diagnostic(`the seller saw it ${Math.round(seenMs)} ms after it was paid for`)
      assert.ok(seenMs < 1_000, `the seller saw the order ${seenMs} ms after it was paid for`)
      await desk.page.getByTestId(testIds.saleAddress(orderId)).getByText('김민지').waitFor()
      await desk.screenshot(`desk-${width}`)
      assert.equal((await call('GET', `${commerce}/sales/${orderId}`, { token: stranger.token })).status, 404)

      await desk.page.getByTestId(testIds.saleDeed('prepare', orderId)).click()
      await Promise.all([saleIs('PREPARING'), wayIs('PREPARING')])
      await desk.page.getByTestId(testIds.saleDeed('ship', orderId)).click()
      await desk.page.getByTestId(testIds.carrier).fill('CJ대한통운')
      await desk.page.getByTestId(testIds.trackingNumber).fill('123456789012')
      await desk.page.getByTestId(testIds.shipSend).click()
      await Promise.all([saleIs('SHIPPED'), wayIs('SHIPPED')])
      await home.page.getByTestId(testIds.orderWay(orderId)).getByText('123456789012').waitFor()
      await desk.page.getByTestId(testIds.saleDeed('deliver', orderId)).click()
      await Promise.all([saleIs('DELIVERED'), wayIs('DELIVERED')])
      await home.screenshot(`delivered-${width}`)

      await home.page.getByTestId(testIds.orderDeed('return', orderId)).click()
      await home.page.getByTestId(testIds.claimUnits(productId)).fill('1')
      await home.page.getByTestId(testIds.claimReason).fill('하나가 깨져 있었어요')
      await home.page.getByTestId(testIds.claimSend).click()
      const claims = async () => {
        const { body } = await expectStatus(200, 'GET', `${commerce}/fulfilments?orders=${orderId}`, {
          token: buyer.token,
        })
        return (body['items'] as { claims: { id: string; state: string; refund: { state: string } | null }[] }[])[0]
          ?.claims
      }
      const claimId = await waitFor('the claim', 90, async () => (await claims())?.[0]?.id ?? notYet('none'))
      await desk.page.getByTestId(testIds.claimDeed('collect', claimId)).click()
      await home.page.locator(`[data-testid="${testIds.claim(claimId)}"][data-state="COLLECTING"]`).waitFor()
      await desk.page.getByTestId(testIds.claimDeed('complete', claimId)).click()
      await home.page
        .locator(`[data-testid="${testIds.claimRefund(claimId)}"][data-state="DONE"]`)
        .waitFor({ timeout: 60_000 })
      await home.page.locator(`[data-testid="${testIds.orderRow(orderId)}"][data-state="PARTIALLY_REFUNDED"]`).waitFor()
      await home.screenshot(`returned-${width}`)
      const order = await expectStatus(200, 'GET', `${commerce}/orders/${orderId}`, { token: buyer.token })
      assert.deepEqual(order.body['refunded'], { amount: price, currency: 'KRW' })
      assert.equal(await stockOf(productId), 4)
      assert.deepEqual([...desk.errors, ...home.errors], [])
    },
  )
}
