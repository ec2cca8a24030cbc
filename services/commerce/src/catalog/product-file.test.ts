/** A seller's products as a file, out and in again, over HTTP. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import iconv from 'iconv-lite'
import { checkBooks } from '../inventory/books.ts'
import { readCsv } from '../read-csv.ts'
import { unguarded } from '../csv.ts'
import { EventReader } from '../testing/event-reader.ts'
import { aProduct, aShirt, signedIn, type TestAccount } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const [seller, stranger, buyer] = await Promise.all([signedIn(app.url), signedIn(app.url), signedIn(app.url)])
const won = (amount: number) => ({ amount, currency: 'KRW' })
const csv = { 'content-type': 'text/csv' }

type Row = Record<string, string>

/** Sends a file, to be taken unless it is a dry run. */
async function send(text: string | Buffer, { dryRun = false, as = seller, fromLine = 1, headers = csv } = {}) {
  const path = `/products.csv?dryRun=${dryRun}&fromLine=${fromLine}`
  return await as.expect(200, 'POST', path, typeof text === 'string' ? Buffer.from(text) : text, headers)
}

const fileOf = (rows: readonly Row[]) => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cell = (text = '') => `"${text.replaceAll('"', '""')}"`
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((cells) => cells.map(cell).join(','))
    .join('\r\n')
}

async function exported(as: TestAccount = seller, language = 'en'): Promise<{ text: string; rows: Row[] }> {
  const { body, status } = await as.get(`/products.csv?language=${language}`)
  assert.equal(status, 200)
  const read = readCsv(body, { rowsMax: 1_000 })
  assert.ok('rows' in read)
  const rows = read.rows.map(({ cells }) =>
    Object.fromEntries(cells.map((cell, n) => [read.header[n] ?? '', unguarded(cell)])),
  )
  return { text: body, rows }
}

const deeds = (answer: { lines: { line: number; deed: string }[] }) =>
  answer.lines.map(({ line, deed }) => [line, deed])
const faults = (answer: { faults: object[]; lines: { faults: object[] }[] }) => [
  ...answer.faults,
  ...answer.lines.flatMap((line) => line.faults),
]
const stockOf = async (id: string) => (await seller.expect(200, 'GET', `/products/${id}`)).stock
const order = (productId: string, quantity: number) =>
  buyer.expect(201, 'POST', '/orders', { productId, quantity }, { 'idempotency-key': randomUUID() })
const aCode = () => `C-${randomUUID().slice(0, 8)}`
const aNew = (over: Row = {}): Row => ({ sku: aCode(), name: '유자차', currency: 'KRW', price: '9000', ...over })

test('who waited for what a file puts on sale again is told of it, whatever else the file changes', async () => {
  const maker = await signedIn(app.url)
  const { product, ids } = await aShirt(maker, { stock: 1 })
  const item = { productId: product.id, variantId: ids[0] }
  const held = await buyer.expect(201, 'POST', '/orders', { ...item, quantity: 1 }, { 'idempotency-key': randomUUID() })
  await stranger.expect(201, 'POST', '/waiting-places', item)
  await maker.expect(200, 'PATCH', `/products/${product.id}`, { listed: false })
  await buyer.expect(200, 'POST', `/orders/${held.id}/cancel`)
  const { rows } = await exported(maker)
  await using stream = await EventReader.openAt(app.url, '/orders/events', { cookie: stranger.cookie ?? '' })
  const again = rows.map((row) => ({ ...row, state: 'on_sale', price: '23000' }))
  assert.deepEqual(faults(await send(fileOf(again), { as: maker })), [])
  assert.equal((await stream.next('offer')).data.variantId, ids[0])
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('all that a seller sells comes out, and sent back as it is changes nothing', async () => {
  const maker = await signedIn(app.url)
  const tea = await aProduct(maker, { name: '=HYPERLINK("http://evil")', stock: 7 })
  const { product, ids } = await aShirt(maker)
  await maker.expect(200, 'PATCH', `/products/${tea.id}`, { category: 'food-drinks', limitPerBuyer: 2 })
  const { rows } = await exported(maker)
  assert.equal(rows.length, 4)
  assert.deepEqual(
    { ...rows[0], stock_as_exported: undefined },
    {
      product_id: tea.id,
      variant_id: '',
      sku: '',
      name: '=HYPERLINK("http://evil")',
      option1: '',
      value1: '',
      option2: '',
      value2: '',
      option3: '',
      value3: '',
      currency: 'KRW',
      price: '12900',
      stock: '7',
      stock_as_exported: undefined,
      category: 'food-drinks',
      state: 'on_sale',
      requires_shipping: 'yes',
      limit_per_buyer: '2',
      description: 'From Goheung',
    },
  )
  assert.deepEqual(
    rows.slice(1).map((row) => [row.product_id, row.variant_id, row.value1, row.value2, row.price, row.stock]),
    [
      [product.id, ids[0], '빨강', 'M', '20000', '4'],
      [product.id, ids[1], '빨강', 'L', '22000', '4'],
      [product.id, ids[2], '검정', 'L', '20000', '4'],
    ],
  )
  for (const language of ['en', 'ko']) {
    const { text } = await exported(maker, language)
    assert.ok(!/(^|,)"?[=+@-]/m.test(text), 'no cell is a formula')
    for (const bytes of [Buffer.from(text), iconv.encode(text.replace('\uFEFF', ''), 'cp949')]) {
      const answer = await send(bytes, { as: maker })
      assert.deepEqual(faults(answer), [])
      assert.deepEqual(new Set(deeds(answer).map(([, deed]) => deed)), new Set(['same']))
    }
  }
  assert.equal((await maker.expect(200, 'GET', `/products/${tea.id}`)).revision, tea.revision)
})

test('a dry run says line by line what would change, and writes nothing', async () => {
  const tea = await aProduct(seller, { stock: 10 })
  const { rows } = await exported()
  const row = rows.find(({ product_id }) => product_id === tea.id) ?? {}
  const changed = { ...row, price: '15,000', stock: '12', name: '', state: 'hidden', category: 'food' }
  const answer = await send(fileOf([changed, aNew({ name: '새 상품', stock: '3' })]), { dryRun: true })
  assert.equal(answer.dryRun, true)
  assert.deepEqual(deeds(answer), [
    [2, 'change'],
    [3, 'create'],
  ])
  assert.deepEqual(answer.lines[0].changes, [
    { column: 'category', from: 'none', to: 'food' },
    { column: 'state', from: 'on_sale', to: 'hidden' },
    { column: 'price', from: '12900', to: '15000' },
    { column: 'stock', from: '10', to: '12' },
  ])
  assert.deepEqual([answer.lines[0].productId, answer.lines[0].name], [tea.id, 'Citron tea'])
  const now = await seller.expect(200, 'GET', `/products/${tea.id}`)
  assert.deepEqual([now.price, now.stock, now.listed], [won(12_900), 10, true])
  assert.ok(!(await exported()).rows.some(({ name }) => name === '새 상품'))
})

test('a file makes products with options, once: sent again it changes nothing, corrected it changes what it says', async () => {
  const [m, l, cup] = [aCode(), aCode(), aCode()]
  const shirt = { name: '린넨 셔츠', option1: '사이즈', currency: 'KRW', price: '30000', category: 'fashion' }
  const rows = [
    { ...shirt, sku: m, value1: 'M', stock: '5' },
    { sku: l, value1: 'L', price: '32000', stock: '3' },
    aNew({ sku: cup, name: '컵', stock: '8', state: 'on_sale', description: '두 줄\n설명' }),
  ]
  const first = await send(fileOf(rows))
  assert.deepEqual(deeds(first), [
    [2, 'create'],
    [3, 'create'],
    [4, 'create'],
  ])
  const [shirtId, , cupId] = first.lines.map(({ productId }: { productId: string }) => productId)
  const made = await seller.expect(200, 'GET', `/products/${shirtId}`)
  assert.deepEqual(
    [made.name, made.draft, made.stock, made.price, made.category],
    ['린넨 셔츠', true, 8, won(30_000), 'fashion'],
  )
  const { variants } = await seller.expect(200, 'GET', `/products/${shirtId}/variants`)
  assert.deepEqual(
    variants.map(({ sku, price, stock, values }: Record<string, unknown>) => [sku, price, stock, values]),
    [
      [m, won(30_000), 5, ['M']],
      [l, won(32_000), 3, ['L']],
    ],
  )
  const again = await send(fileOf(rows))
  assert.deepEqual(new Set(deeds(again).map(([, deed]) => deed)), new Set(['same']))
  assert.deepEqual([await stockOf(shirtId), await stockOf(cupId)], [8, 8])
  const corrected = rows.map((row) => (row.sku === cup ? { ...row, stock: '10', description: '한 줄' } : row))
  const third = await send(fileOf(corrected))
  assert.deepEqual(third.lines[2].changes, [
    { column: 'description', from: '두 줄\n설명', to: '한 줄' },
    { column: 'stock', from: '8', to: '10' },
  ])
  assert.equal(await stockOf(cupId), 10)
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('stock is a difference to what was exported: what was sold meanwhile stays sold, and a file counts once', async () => {
  const tea = await aProduct(seller, { stock: 10 })
  const { rows } = await exported()
  const row = rows.find(({ product_id }) => product_id === tea.id) ?? {}
  const fileWith = (stock: string) =>
    fileOf([{ product_id: tea.id, stock, stock_as_exported: row.stock_as_exported ?? '' }])
  await order(tea.id, 4)
  for (let times = 0; times < 2; times += 1) {
    await send(fileWith('15'))
    assert.equal(await stockOf(tea.id), 11) // 10 - 4 + 5
  }
  await send(fileWith('12'))
  assert.equal(await stockOf(tea.id), 8)
  await order(tea.id, 6)
  const emptied = await send(fileWith('0')) // ten fewer than there were, of which two are left
  assert.deepEqual(emptied.lines[0].changes, [{ column: 'stock', from: '2', to: '0' }])
  assert.equal(await stockOf(tea.id), 0)
  await send(fileWith('10')) // as exported: ten in all, and ten are sold
  assert.equal(await stockOf(tea.id), 0)
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('stock without what it was is refused, unless the same file made the product', async () => {
  const tea = await aProduct(seller, { stock: 10 })
  const answer = await send(fileOf([{ product_id: tea.id, stock: '5' }]))
  assert.deepEqual(faults(answer), [{ line: 2, column: 'stock_as_exported', rule: 'stock_base', hint: '' }])
  const future = await send(fileOf([{ product_id: tea.id, stock: '5', stock_as_exported: '10@999' }]))
  assert.deepEqual(faults(future), [{ line: 2, column: 'stock_as_exported', rule: 'stock_base', hint: '' }])
  assert.equal(await stockOf(tea.id), 10)
})

test('a product of which one row is refused stays as it was; the others of the file are written', async () => {
  const [{ product, ids }, tea] = [await aShirt(seller), await aProduct(seller)]
  const answer = await send(
    fileOf([
      { product_id: product.id, variant_id: ids[0] ?? '', price: '25000', name: '셔츠' },
      { product_id: product.id, variant_id: ids[1] ?? '', price: '많이', name: '' },
      { product_id: tea.id, variant_id: '', price: '13000', name: '' },
    ]),
  )
  assert.deepEqual(deeds(answer), [
    [2, 'refused'],
    [3, 'refused'],
    [4, 'change'],
  ])
  assert.deepEqual(faults(answer), [
    { line: 2, column: null, rule: 'other_line', hint: '3' },
    { line: 3, column: 'price', rule: 'value', hint: '많이' },
  ])
  const after = await seller.expect(200, 'GET', `/products/${product.id}`)
  assert.deepEqual([after.name, after.price], ['Shirt', won(20_000)])
  assert.deepEqual((await seller.expect(200, 'GET', `/products/${tea.id}`)).price, won(13_000))
})

test('variants are known by id, code or values; one that is new is added, and none is taken away', async () => {
  const { product, variants, ids } = await aShirt(seller)
  const sku = variants[0].sku as string
  const answer = await send(
    fileOf([
      { product_id: '', variant_id: '', sku, value1: '', value2: '', price: '21000', stock: '' },
      { product_id: product.id, variant_id: '', sku: '', value1: '빨강', value2: 'L', price: '23000', stock: '' },
      { product_id: product.id, variant_id: '', sku: '', value1: '초록', value2: 'M', price: '', stock: '6' },
      { product_id: product.id, variant_id: ids[2] ?? '', sku: aCode(), value1: '', value2: '', price: '', stock: '' },
    ]),
  )
  assert.deepEqual(faults(answer), [])
  const now = (await seller.expect(200, 'GET', `/products/${product.id}/variants`)).variants
  assert.deepEqual(
    now.map(({ values, price, stock }: Record<string, unknown>) => [values, price, stock]),
    [
      [['빨강', 'M'], won(21_000), 4],
      [['빨강', 'L'], won(23_000), 4],
      [['검정', 'L'], won(20_000), 4],
      [['초록', 'M'], won(20_000), 6],
    ],
  )
  assert.deepEqual(
    now.slice(0, 3).map(({ id }: { id: string }) => id),
    ids,
  )
  assert.deepEqual([now[0].sku, now[2].sku.startsWith('C-')], [sku, true])
})

test('each refusal names line, column and rule', async () => {
  const [{ product, variants, ids }, tea] = [await aShirt(seller), await aProduct(seller)]
  const foreign = await aProduct(stranger)
  const [sku, , third] = [variants[0].sku as string, ids[1], ids[2] ?? '']
  const cases: [Row[], object][] = [
    [[{ product_id: foreign.id, name: 'x' }], { line: 2, column: 'product_id', rule: 'not_found', hint: foreign.id }],
    [[{ variant_id: 'var_none', price: '1' }], { line: 2, column: 'variant_id', rule: 'not_found', hint: 'var_none' }],
    [[aNew({ sku: '' })], { line: 2, column: 'sku', rule: 'required', hint: '' }],
    [[aNew({ name: '' })], { line: 2, column: 'name', rule: 'required', hint: '' }],
    [[aNew({ price: '' })], { line: 2, column: 'price', rule: 'required', hint: '' }],
    [[aNew({ price: '10.5' })], { line: 2, column: 'price', rule: 'value', hint: '10.5 KRW' }],
    [[aNew({ price: '0' })], { line: 2, column: 'price', rule: 'value', hint: '0 KRW' }],
    [[aNew({ currency: 'ZZZ' })], { line: 2, column: 'currency', rule: 'value', hint: 'ZZZ' }],
    [[aNew({ stock: '-1' })], { line: 2, column: 'stock', rule: 'value', hint: '-1' }],
    [[aNew({ category: 'weapons' })], { line: 2, column: 'category', rule: 'value', hint: 'weapons' }],
    [[aNew({ name: 'a\u202Eb' })], { line: 2, column: 'name', rule: 'value', hint: 'a\u202Eb' }],
    [[aNew({ sku: 'D-1' }), aNew({ sku: 'D-1' })], { line: 3, column: 'sku', rule: 'repeated', hint: '2' }],
    [[aNew({ value1: 'M' })], { line: 2, column: 'option1', rule: 'required', hint: '' }],
    [[aNew({ option1: 'Size' })], { line: 2, column: 'value1', rule: 'variant_required', hint: '' }],
    [[{ product_id: tea.id, currency: 'USD' }], { line: 2, column: 'currency', rule: 'currency', hint: 'KRW' }],
    [[{ product_id: tea.id, state: 'draft' }], { line: 2, column: 'state', rule: 'not_draft', hint: '' }],
    [[{ product_id: tea.id, value1: 'M' }], { line: 2, column: null, rule: 'no_options', hint: '' }],
    [[{ product_id: tea.id, sku }], { line: 2, column: 'sku', rule: 'sku_taken', hint: sku }],
    [[{ product_id: product.id, price: '5' }], { line: 2, column: 'value1', rule: 'variant_required', hint: '' }],
    [
      [{ product_id: product.id, option1: 'Colour', value1: '빨강', value2: 'M' }],
      { line: 2, column: null, rule: 'options', hint: '색상, 사이즈' },
    ],
    [
      [{ product_id: product.id, variant_id: third, value1: '빨강', value2: 'M' }],
      { line: 2, column: 'value1', rule: 'values', hint: '검정 / L' },
    ],
    [
      [
        { product_id: tea.id, name: 'One' },
        { product_id: tea.id, name: 'Other' },
      ],
      { line: 3, column: 'name', rule: 'differs', hint: '2' },
    ],
  ]
  for (const [rows, fault] of cases) {
    const { lines } = await send(fileOf(rows))
    const refused = lines.at(-1) // of two rows the second is wrong
    assert.deepEqual([refused.deed, refused.faults[0]], ['refused', fault], JSON.stringify(rows))
  }
})

test('a file that is none is refused whole, with the reason', async () => {
  const cases: [string | Buffer, object][] = [
    ['product_id,Preis\np,1', { line: 1, column: 'Preis', rule: 'unknown_column', hint: '' }],
    ['sku,SKU\na,b', { line: 1, column: 'SKU', rule: 'repeated_column', hint: '' }],
    ['name\na', { line: 1, column: null, rule: 'missing_column', hint: 'product_id, variant_id, sku' }],
    ['sku,name\na,"b', { line: 2, column: null, rule: 'quotes', hint: '' }],
    ['sku\n', { line: 1, column: null, rule: 'no_rows', hint: '' }],
    [`sku\n${'a\n'.repeat(5_001)}`, { line: 5_002, column: null, rule: 'too_many_rows', hint: '5000' }],
    [Buffer.from([0xff, 0xd8, 0xff, 0xe0]), { line: 1, column: null, rule: 'encoding', hint: '' }],
    ['sku,name\na,café\n', { line: 1, column: null, rule: 'encoding_unclear', hint: '' }],
  ]
  for (const [file, fault] of cases) {
    const answer = await send(file)
    assert.deepEqual([answer.faults, answer.lines], [[fault], []])
  }
  const answer = await send(fileOf([aNew({ name: 'café' })]), {
    headers: { 'content-type': 'text/csv; charset=utf-8' },
  })
  assert.deepEqual(deeds(answer), [[2, 'create']])
  const large = Buffer.alloc(2 * 1024 * 1024 + 1, 'a')
  assert.equal((await seller.expect(413, 'POST', '/products.csv', large, csv)).code, 'body_too_large')
  await seller.expect(415, 'POST', '/products.csv', large.subarray(0, 10), { 'content-type': 'image/png' })
  await app.anonymous.expect(401, 'POST', '/products.csv', Buffer.from('sku\na'), csv)
  await app.anonymous.expect(401, 'GET', '/products.csv')
})

test('a long file is taken in steps, each of which says where the next begins', async () => {
  const maker = await signedIn(app.url)
  const rows = Array.from({ length: 250 }, (_, n) => aNew({ name: `상품 ${n}`, stock: '1' }))
  const first = await send(fileOf(rows), { as: maker })
  assert.deepEqual([first.lines.length, first.products, first.nextLine], [200, { inFile: 250, done: 200 }, 202])
  const second = await send(fileOf(rows), { as: maker, fromLine: first.nextLine })
  assert.deepEqual([second.lines.length, second.products, second.nextLine], [50, { inFile: 250, done: 250 }, null])
  assert.equal((await exported(maker)).rows.length, 250)
})

test('one file sent by two at once makes its products once', async () => {
  const file = fileOf([aNew({ stock: '4' })])
  const answers = await Promise.all([send(file), send(file)])
  const ids = new Set(answers.flatMap(({ lines }) => lines.map(({ deed }: { deed: string }) => deed)))
  assert.ok(!ids.has('change'))
  const [made] = answers.flatMap(({ lines }) => lines).filter(({ deed }) => deed === 'create')
  assert.equal(await stockOf(made.productId), 4)
  const { rows } = await exported()
  assert.equal(rows.filter(({ product_id }) => product_id === made.productId).length, 1)
})

test('a code of a product without options is given up when it gets options, and is a variant’s then', async () => {
  const sku = aCode()
  const { lines } = await send(fileOf([aNew({ sku })]))
  const options = [{ name: 'Size', values: ['M'] }]
  await seller.expect(200, 'PUT', `/products/${lines[0].productId}/variants`, {
    options,
    variants: [{ values: ['M'], sku }],
  })
  const row = (await exported()).rows.find((each) => each.sku === sku)
  assert.equal(row?.product_id, lines[0].productId)
})
