/** Claims against a commerce that is played: what it refuses, and what it does not know. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import type { OrderClaim } from '@mytaek1/contracts/service-events.ts'
import { listen } from '@mytaek1/platform/health.ts'
import { ordersOf } from './claim.ts'

const request = { paymentId: 'pay_1', buyerId: 'acc_1', replaces: null }
const orderOf = (id: string) => ({
  claim: 'CLAIMED',
  order: { id, buyerId: 'acc_1', sellerId: 'acc_2', state: 'RESERVED', total: { amount: 1, currency: 'KRW' } },
})

/** A commerce that answers so; `asked` are the orders of each request of many. */
async function played(answer: (orderIds: string[]) => number) {
  const asked: string[][] = []
  const commerce = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const one = /^\/internal\/orders\/(\w+)\/claims$/.exec(incoming.url ?? '')?.[1]
      const send = (status: number, content: object) => response.writeHead(status).end(JSON.stringify(content))
      if (one !== undefined) return send(200, { ...orderOf(one), order: { ...orderOf(one).order, expiresAt: null } })
      const { claims } = JSON.parse(body) as { claims: OrderClaim[] }
      const ids = claims.map(({ orderId }) => orderId)
      asked.push(ids)
      const answers = ids.map((id) => ({ ...orderOf(id), order: { ...orderOf(id).order, expiresAt: null } }))
      return send(answer(ids), { answers })
    })
  })
  await listen(commerce, 0, '127.0.0.1')
  after(() => commerce.close().closeAllConnections())
  const { port } = commerce.address() as AddressInfo
  const orders = ordersOf({ commerceUrl: `http://127.0.0.1:${port}`, serviceToken: 'x'.repeat(32) })
  const claimAll = async (ids: string[]) => {
    const results = await Promise.allSettled(ids.map((id) => orders.claim(id, request)))
    return results.map((result) => (result.status === 'fulfilled' ? result.value.claim : result.reason.kind))
  }
  return { asked, claimAll }
}

test('an order that commerce fails over fails alone, whoever is claimed with it', async () => {
  const { asked, claimAll } = await played((ids) => (ids.includes('bad') ? 500 : 200))
  const claims = await claimAll(['one', 'two', 'three', 'bad', 'four'])
  assert.deepEqual(claims, ['CLAIMED', 'CLAIMED', 'CLAIMED', 'unavailable', 'CLAIMED'])
  assert.deepEqual(asked, [
    ['one', 'two', 'three', 'bad', 'four'],
    ['one', 'two'],
    ['three', 'bad', 'four'],
    ['three'],
    ['bad', 'four'],
    ['bad'],
    ['four'],
  ])
})

test('a commerce that is down is not asked again for each', async () => {
  const { asked, claimAll } = await played(() => 503)
  assert.deepEqual(new Set(await claimAll(['one', 'two', 'three', 'four'])), new Set(['unavailable']))
  assert.equal(asked.length, 1)
})

test('a commerce of the version before, which takes one at a time, claims all the same', async () => {
  const { claimAll } = await played(() => 404)
  assert.deepEqual(new Set(await claimAll(['one', 'two', 'three', 'four'])), new Set(['CLAIMED']))
})
