import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, newKey } from '../../framework/http.ts'
import { cards, createProduct, pay, signUp, stockOf, type Person } from '../../framework/people.ts'
import { kubectl } from '../../framework/platform-under-test.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const buyers = 200
const units = 50

test(
  '200 buyers race for 50 units from several commerce Pods: 50 are RESERVED, none is lost',
  { timeout: 600_000 },
  async (t) => {
    const pods = (await kubectl(['get', 'pods', '-l', 'app.kubernetes.io/component=commerce', '-o', 'name']))
      .trim()
      .split('\n')
    assert.ok(pods.length >= 2, `${pods.length} commerce Pods`)
    const seller = await signUp('seller')
    const productId = await createProduct(seller, { name: 'hot', price: 10_000, stock: units })
    const crowd: Person[] = []
    for (let index = 0; index < buyers; index += 5) {
      crowd.push(...(await Promise.all(Array.from({ length: 5 }, (_, offset) => signUp(`buyer-${index + offset}`)))))
    }

    const answers = await Promise.all(
      crowd.map(async (buyer) => ({
        buyer,
        answer: await call('POST', '/api/commerce/v1/orders', {
          token: buyer.token,
          headers: newKey(),
          body: { productId, quantity: 1 },
        }),
      })),
    )
    const reserved = answers.filter(({ answer }) => answer.status === 201)
    const refused = answers.filter(({ answer }) => answer.status === 409 && answer.body['code'] === 'sold_out')
    assert.deepEqual([reserved.length, refused.length], [units, buyers - units])
    for (const { answer } of reserved) assert.equal(answer.body['state'], 'RESERVED')
    assert.equal(await stockOf(productId), 0)

    await t.test('every winner who pays has a PAID order', async () => {
      const winners = reserved.slice(0, 20)
      await Promise.all(winners.map(({ buyer, answer }) => pay(buyer, String(answer.body['id']), cards.good)))
      for (const { buyer, answer } of winners) {
        await waitFor(`order ${String(answer.body['id'])} to be PAID`, 90, async () => {
          const order = await call('GET', `/api/commerce/v1/orders/${String(answer.body['id'])}`, {
            token: buyer.token,
          })
          return order.body['state'] === 'PAID' ? order : notYet(order.body)
        })
      }
    })

    await t.test(
      'a declined card keeps its units until they are given back, and then they can be bought again',
      async () => {
        const loser = reserved[20]
        const next = refused[0]
        assert.ok(loser && next)
        const orderId = String(loser.answer.body['id'])
        const paymentId = await pay(loser.buyer, orderId, cards.insufficientFunds)
        await waitFor('the payment to be DECLINED', 90, async () => {
          const { body } = await call('GET', `/api/payment/v1/payments/${paymentId}`, { token: loser.buyer.token })
          return body['state'] === 'DECLINED' ? body : notYet(body)
        })
        const kept = await call('GET', `/api/commerce/v1/orders/${orderId}`, { token: loser.buyer.token })
        assert.equal(kept.body['state'], 'RESERVED')
        await call('POST', `/api/commerce/v1/orders/${orderId}/cancel`, { token: loser.buyer.token })
        assert.equal(await stockOf(productId), 1)
        const again = await call('POST', '/api/commerce/v1/orders', {
          token: next.buyer.token,
          headers: newKey(),
          body: { productId, quantity: 1 },
        })
        assert.equal(again.status, 201, again.text)
        assert.equal(await stockOf(productId), 0)
      },
    )

    await t.test('the books balance: what was put on sale is what is left and what is held', async () => {
      const books = await kubectl([
        'exec',
        'deploy/mytaek1-commerce',
        '--',
        'node',
        'services/commerce/src/main.ts',
        'books',
      ])
      const { products, faults } = JSON.parse(books) as { products: number; faults: string[] }
      assert.ok(products > 0)
      assert.deepEqual(faults, [])
    })
  },
)
