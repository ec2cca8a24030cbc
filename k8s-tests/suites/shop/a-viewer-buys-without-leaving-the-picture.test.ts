import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testIds } from '@mytaek1/storefront/test-ids.ts'
import { openPage } from '../../framework/browser.ts'
import { expectStatus, newKey } from '../../framework/http.ts'
import {
  addAddress,
  cards,
  createProduct,
  endBroadcast,
  openBroadcast,
  signUp,
  stockOf,
} from '../../framework/people.ts'
import { doors } from '../../framework/platform-under-test.ts'

test(
  'a viewer signs in, orders and pays beside the picture, and another viewer sees the stock fall without reload',
  { timeout: 600_000 },
  async (t) => {
    const seller = await signUp('seller')
    const productId = await createProduct(seller, { name: '유리컵', price: 12_900, stock: 3 })
    const broadcast = await openBroadcast(seller, '유리컵 특가', [productId])
    t.after(() => endBroadcast(seller, broadcast.id))
    const viewer = await signUp('viewer')
    await addAddress(viewer, '민지') // the default: it is shown, and paying confirms it
    const watchUrl = `${doors.http}/watch/${broadcast.id}`
    const other = await openPage(t, { locale: 'en-US' })
    await other.page.goto(watchUrl)
    const shown = (count: number) => `[data-testid="${testIds.stock(productId)}"][data-stock="${count}"]`
    await other.page.locator(shown(3)).first().waitFor()

    const buyer = await openPage(t)
    await buyer.page.goto(`${doors.http}/sign-in`)
    await buyer.page.getByTestId(testIds.email).fill(viewer.email)
    await buyer.page.getByTestId(testIds.password).fill(viewer.password)
    await buyer.page.getByTestId(testIds.submit).click()
    await buyer.page.getByTestId(testIds.accountName).first().waitFor()
    await buyer.page.goto(watchUrl)
    await buyer.page.getByTestId(testIds.buy(productId)).first().click()
    await buyer.page.getByTestId(testIds.placeOrder).click()
    await buyer.page.getByTestId(testIds.deliverTo).getByText('민지').waitFor()
    await buyer.page.getByTestId(testIds.cardNumber).fill(cards.good)
    await other.page.locator(shown(2)).first().waitFor({ timeout: 60_000 })
    await buyer.screenshot('checkout')
    await buyer.page.getByTestId(testIds.cardExpiry).fill('12/40')
    await buyer.page.getByTestId(testIds.cardCvc).fill('737')
    await buyer.page.getByTestId(testIds.pay).click()
    await buyer.page.locator(`[data-testid="${testIds.orderState}"][data-state="PAID"]`).waitFor({ timeout: 60_000 })
    await buyer.screenshot('order-paid')
    assert.equal(buyer.page.url(), `${watchUrl}?buy=${productId}`)
    assert.equal(await stockOf(productId), 2)

    await t.test('an order from elsewhere reaches both pages too', async () => {
      const someone = await signUp('someone')
      await expectStatus(201, 'POST', '/api/commerce/v1/orders', {
        token: someone.token,
        headers: newKey(),
        body: { productId, quantity: 2 },
      })
      await Promise.all([other, buyer].map(({ page }) => page.locator(shown(0)).first().waitFor({ timeout: 60_000 })))
      await other.screenshot('sold-out-en')
    })
    assert.deepEqual([...other.errors, ...buyer.errors], [])
  },
)
