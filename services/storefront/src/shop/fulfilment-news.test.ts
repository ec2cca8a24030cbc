import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { onFulfilmentNews, tellFulfilmentNews } from './fulfilment-news.ts'

test('the first piece of news is passed on at once, and a hundred that follow it together', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  let read = 0
  t.after(onFulfilmentNews(() => (read += 1)))
  tellFulfilmentNews(performance.now() + 10_000) // long after whatever came before
  mock.timers.tick(1)
  assert.equal(read, 1)
  for (let n = 0; n < 100; n += 1) tellFulfilmentNews()
  mock.timers.tick(100)
  assert.equal(read, 1)
  mock.timers.tick(1_000)
  assert.equal(read, 2)
})
