import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '@mytaek1/platform/ids.ts'
import { aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'
import { catchUpIndex } from './search-index.ts'
import { statementOf } from './search-products.ts'
import { gramsOf, queryWordsOf, searchTextOf } from './search-text.ts'

const app = await startTestApp({ LIMIT_CHANGES_PER_MINUTE: '10000' })
const seller = await signedIn(app.url)

interface Item {
  id: string
  name: string
  price: { amount: number; currency: string }
}
const find = async (query: Record<string, string | number>, as = app.anonymous): Promise<Item[]> => {
  const asked = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
  return (await as.expect(200, 'GET', `/products?${asked}`)).items
}
const names = (items: readonly Item[]) => items.map(({ name }) => name)

test('products are found by words of their names, the newest first, and by the new name once renamed', async () => {
  const first = await aProduct(seller, { name: '여름원피스 빨강' })
  await aProduct(seller, { name: '겨울 원피스' })
  await aProduct(seller, { name: '가죽 가방' })
  for (const q of ['원피스', '원피스'.normalize('NFD'), '원 피스', '원피ㅅ', '원핏', 'ㅇㅍㅅ']) {
    assert.deepEqual(names(await find({ q })), ['겨울 원피스', '여름원피스 빨강'], q)
  }
  assert.deepEqual(names(await find({ q: '빨강 원피스' })), ['여름원피스 빨강'])
  assert.deepEqual(await find({ q: '원피스 파랑' }), [])
  await seller.expect(200, 'PATCH', `/products/${first.id}`, { name: 'Red DRESS' })
  assert.deepEqual(names(await find({ q: '원피스' })), ['겨울 원피스'])
  assert.deepEqual(names(await find({ q: 'dress red' })), ['Red DRESS'])
  const left = await app.db('product_grams').where('product_id', first.id).select('gram')
  const wanted = gramsOf(searchTextOf('Red DRESS'))
  assert.deepEqual(new Set(left.map(({ gram }: { gram: string }) => gram)), wanted)
})

test('drafts and what is off sale are not found, but by their seller', async () => {
  const price = { amount: 1_000, currency: 'KRW' }
  await seller.expect(201, 'POST', '/products', { name: '비밀 모자', price, stock: 1, draft: true })
  const { id } = await aProduct(seller, { name: '비밀 장갑' })
  await seller.expect(200, 'PATCH', `/products/${id}`, { listed: false })
  assert.deepEqual(await find({ q: '비밀' }), [])
  assert.deepEqual(await find({ q: '비밀', seller: seller.id }), [])
  assert.deepEqual(names(await find({ q: '비밀', seller: 'me' }, seller)), ['비밀 장갑', '비밀 모자'])
})

test('pages follow each other without gap or repetition, in every order, and within a category', async () => {
  const own = await signedIn(app.url)
  for (const [n, amount] of [300, 100, 200, 100, 500].entries()) {
    const { id } = await aProduct(own, { name: `감귤 상자 ${n}`, amount })
    if (n < 3) await own.expect(200, 'PATCH', `/products/${id}`, { category: n === 0 ? 'food' : 'food-fresh' })
  }
  const walk = async (query: Record<string, string>) => {
    const seen: number[] = []
    let cursor: string | null = null
    do {
      const asked = new URLSearchParams({ ...query, limit: '2', ...(cursor === null ? {} : { cursor }) })
      const page = await app.anonymous.expect(200, 'GET', `/products?${asked}`)
      seen.push(...page.items.map((each: Item) => each.price.amount))
      cursor = page.nextCursor
    } while (cursor !== null)
    return seen
  }
  for (const query of [{ q: '감귤', seller: own.id }, { seller: own.id }] as Record<string, string>[]) {
    assert.deepEqual(await walk({ ...query, sort: 'cheapest' }), [100, 100, 200, 300, 500])
    assert.deepEqual(await walk({ ...query, sort: 'dearest' }), [500, 300, 200, 100, 100])
    assert.deepEqual(await walk(query), [500, 100, 200, 100, 300])
    assert.deepEqual(await walk({ ...query, category: 'food' }), [200, 100, 300])
    assert.deepEqual(await walk({ ...query, category: 'food-fresh' }), [200, 100])
  }
})

test('what cannot be searched for is answered: nothing, or why not', async () => {
  assert.deepEqual(await find({ q: '!!!' }), [])
  assert.deepEqual(await find({ q: '%' }), [])
  await app.anonymous.expect(400, 'GET', `/products?q=${'a'.repeat(101)}`)
  await app.anonymous.expect(400, 'GET', '/products?sort=best')
  await app.anonymous.expect(400, 'GET', '/products?category=weapons')
  for (const cursor of ['x', Buffer.from('["KRW",-1,"p"]').toString('base64url')]) {
    await app.anonymous.expect(400, 'GET', `/products?q=a&cursor=${cursor}`)
  }
})

test('what a process of the version before made or named is found after a while', async () => {
  const { id } = await aProduct(seller, { name: '옛이름 접시' })
  await app.db('products').where({ id }).update({ name: '새이름 접시' })
  const other = await aProduct(seller, { name: '놋그릇' })
  await app.db('product_search').where('product_id', other.id).delete()
  await app.db('product_grams').where('product_id', other.id).delete()
  assert.deepEqual(await find({ q: '새이름' }), [])
  assert.equal(await catchUpIndex(app.db), 2)
  assert.equal(await catchUpIndex(app.db), 0)
  assert.deepEqual(names(await find({ q: '새이름 접시' })), ['새이름 접시']) // what was asked before is answered from memory
  assert.deepEqual(await find({ q: '옛이름' }), [])
  assert.deepEqual(names(await find({ q: '놋그릇' })), ['놋그릇'])
})

test('no search reads the whole of the products', async () => {
  const products = Array.from({ length: 3_000 }, (_, n) => ({
    id: newId('prd'),
    name: `${n % 40 ? '컵' : '놋'} 세트 ${n}`,
  }))
  const [model] = await app.db('products').limit(1)
  await app.db.batchInsert(
    'products',
    products.map((each) => ({ ...model, ...each })),
    500,
  )
  const texts = products.map(({ id, name }) => ({ product_id: id, text: searchTextOf(name) }))
  await app.db.batchInsert('product_search', texts, 500)
  const grams = texts.flatMap(({ product_id, text }) => [...gramsOf(text)].map((gram) => ({ gram, product_id })))
  await app.db.batchInsert('product_grams', grams, 2_000)
  await app.db.raw('ANALYZE TABLE products, product_search, product_grams')
  for (const q of ['놋 세트', '컵', '세트', '컵 세트 17', 'ㅅㅌ', '세ㅌ']) {
    for (const sort of ['newest', 'cheapest'] as const) {
      const search = { words: queryWordsOf(q), category: undefined, sellerId: undefined, withUnlisted: false, sort }
      const { sql = '', values } = await statementOf(app.db, search, { limit: 20 })
      const [plan] = (await app.db.raw(`EXPLAIN ${sql}`, values)) as [
        { table: string; type: string; key: string | null }[],
      ]
      for (const { table, type, key } of plan.filter(({ table }) => !table.startsWith('<'))) {
        assert.ok(key !== null && ['ref', 'range', 'eq_ref', 'const'].includes(type), `${q} ${sort}: ${table} ${type}`)
      }
    }
  }
})
