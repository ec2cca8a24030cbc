import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  draftOf,
  emptyRow,
  isTooMany,
  keyOf,
  newPlanOf,
  planOf,
  restocksOf,
  rowsOf,
  type VariantDraft,
} from './variant-draft.ts'

const options = [
  { name: '색상', values: '빨강, 검정 ,빨강,' },
  { name: '사이즈', values: 'M,L' },
]
const draft = (rows: VariantDraft['rows'] = new Map()): VariantDraft => ({ options, rows })

test('the grid has every combination of the values, in their order, each once', () => {
  assert.deepEqual(
    rowsOf(draft()).map(({ values }) => values.join(' ')),
    ['빨강 M', '빨강 L', '검정 M', '검정 L'],
  )
  assert.deepEqual(rowsOf({ options: [{ name: '', values: 'M' }], rows: new Map() }), [])
  assert.deepEqual(rowsOf({ options: [...options, { name: '길이', values: '' }], rows: new Map() }), [])
})

test('a plan has what is ticked, and what was typed', () => {
  const rows = new Map([
    [keyOf(['빨강', 'M']), { ...emptyRow, stock: '3', price: '12000', sku: ' RM ' }],
    [keyOf(['검정', 'M']), { ...emptyRow, sold: false }],
  ])
  assert.deepEqual(planOf(draft(rows), 'KRW'), {
    options: [
      { name: '색상', values: ['빨강', '검정'] },
      { name: '사이즈', values: ['M', 'L'] },
    ],
    variants: [
      { values: ['빨강', 'M'], stock: 3, price: { amount: 12_000, currency: 'KRW' }, sku: 'RM' },
      { values: ['빨강', 'L'], sku: null },
      { values: ['검정', 'L'], sku: null },
    ],
  })
})

const price = { amount: 900, currency: 'KRW' }
const one = { id: 'v', values: ['M'], price, stock: 5, version: 1, revision: 1, sku: 'A' }
const before = { options: [{ name: '사이즈', values: ['M', 'L'] }], variants: [one] }

test('the stock of a variant that there was is not in a plan: what was sold meanwhile stays sold', () => {
  const same = draftOf(before)
  assert.deepEqual(planOf(same, 'KRW', before).variants, [{ values: ['M'], price, sku: 'A' }])
  const rows = new Map([...same.rows, [keyOf(['L']), { ...emptyRow, stock: '2' }]])
  assert.deepEqual(planOf({ ...same, rows }, 'KRW', before).variants[1], { values: ['L'], stock: 2, sku: null })
  assert.deepEqual(planOf(stocked('10'), 'KRW', before).variants, [{ values: ['M'], price, sku: 'A' }])
})

const stocked = (stock: string, sold = true) => {
  const same = draftOf(before)
  return {
    ...same,
    rows: new Map([...same.rows, [keyOf(['M']), { ...emptyRow, stock, sold, price: '900', sku: 'A' }]]),
  }
}

test('changed stock is a difference to what was shown, the same one under the same key', () => {
  const five = { variantId: 'v', units: 5, idempotencyKey: 'stock-v-1-5' }
  assert.deepEqual(restocksOf(stocked('10'), before), [five])
  assert.deepEqual(restocksOf(stocked('2'), before), [{ ...five, units: -3, idempotencyKey: 'stock-v-1--3' }])
  for (const draft of [draftOf(before), stocked('05'), stocked(''), stocked('10', false)]) {
    assert.deepEqual(restocksOf(draft, before), [])
  }
})

test('there is a plan only where it says something new; stock alone needs none', () => {
  assert.equal(newPlanOf(draftOf(before), 'KRW', before), undefined)
  assert.equal(newPlanOf(stocked('10'), 'KRW', before), undefined)
  assert.deepEqual(newPlanOf(stocked('5', false), 'KRW', before)?.variants, [])
  const renamed = { ...draftOf(before), options: [{ name: 'Size', values: 'M, L' }] }
  assert.equal(newPlanOf(renamed, 'KRW', before)?.options[0]?.name, 'Size')
  assert.ok(newPlanOf(draft(), 'KRW'))
})

test('combinations are cut while they are made: a hundred million of them cost what a hundred do', () => {
  const long = { name: 'n', values: Array.from({ length: 460 }, (_, n) => n).join() }
  const rows = rowsOf({ options: [long, long, long], rows: new Map() })
  assert.equal(rows.length, 101)
  assert.deepEqual(rows.at(-1)?.values, ['0', '0', '100'])
})

test('more combinations than a product may have are told', () => {
  const many = { name: 'n', values: Array.from({ length: 11 }, (_, n) => `v${n}`).join() }
  assert.equal(isTooMany({ options: [many, { ...many, name: 'm' }], rows: new Map() }), true)
  assert.equal(isTooMany(draft()), false)
})
