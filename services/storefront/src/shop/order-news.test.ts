import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onOrderNews, orderNewsOrTime, orderStreamOpened, tellOrderNews } from './order-news.ts'

const news = (orderId: string) => JSON.stringify({ orderId, state: 'PAID' })

test('who waits for an order is woken by its news and by no other’s', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const closed = orderStreamOpened()
  let woken = 0
  const waiting = orderNewsOrTime('o-1', 2_000).then(() => (woken += 1))
  tellOrderNews(news('o-2'))
  t.mock.timers.tick(2_000) // with a stream open nobody asks every two seconds
  await Promise.resolve()
  assert.equal(woken, 0)
  tellOrderNews(news('o-1'))
  await waiting
  assert.equal(woken, 1)
  closed()
})

test('news that came before anybody waited is not lost', async () => {
  tellOrderNews(news('o-3'))
  await orderNewsOrTime('o-3', 60_000)
})

test('without a stream it is asked as before, and a stream that opens has everything read', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const asked = orderNewsOrTime('o-4', 2_000)
  t.mock.timers.tick(2_000)
  await asked
  const seen: unknown[] = []
  const stop = onOrderNews((told) => seen.push(told))
  const waiting = orderNewsOrTime('o-5', 60_000)
  orderStreamOpened()()
  await waiting
  tellOrderNews('{"nonsense"')
  stop()
  tellOrderNews(news('o-6'))
  assert.deepEqual(seen, [undefined])
})
