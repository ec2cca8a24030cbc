import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stockNews } from './stock-news.ts'

const live = (levels: Record<string, number>, ...pinnedProductIds: string[]) => ({
  stock: new Map(Object.entries(levels).map(([id, stock]) => [id, { stock, version: 1 }])),
  pinnedProductIds,
})

test('the first look tells nothing: the page shows it', () => {
  assert.deepEqual(stockNews(new Map(), live({ a: 0, b: 3 }, 'b')).news, [])
})

test('the pinned product’s change and any sell-out are told, other changes are not', () => {
  const { next } = stockNews(new Map(), live({ a: 5, b: 5, c: 5 }, 'a'))
  assert.deepEqual(stockNews(next, live({ a: 4, b: 4, c: 0 }, 'a')).news, [
    { productId: 'a', stock: 4 },
    { productId: 'c', stock: 0 },
  ])
})

test('what was told is not told again', () => {
  const first = stockNews(new Map([['a', 5]]), live({ a: 4 }, 'a'))
  assert.equal(first.news.length, 1)
  assert.deepEqual(stockNews(first.next, live({ a: 4 }, 'a')).news, [])
})
