import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOfVariants, titleOf, wordsOf } from './variant.ts'

const options = [
  { name: '색상', values: ['빨강', '검정'] },
  { name: '사이즈', values: ['M', 'L'] },
]
const pathsOf = (given: Parameters<typeof faultsOfVariants>[0]) =>
  faultsOfVariants(given).map(({ path }) => path.join('.'))

test('variants that are combinations of the options’ values have no fault', () => {
  const variants = [
    { values: ['빨강', 'M'], sku: 'A' },
    { values: ['검정', 'L'], sku: null },
    { values: ['검정', 'M'] },
  ]
  assert.deepEqual(pathsOf({ options, variants }), [])
})

test('each fault is told where it is', () => {
  const cases: [Parameters<typeof faultsOfVariants>[0], string[]][] = [
    [{ options: [...options, { name: '색상', values: ['x'] }], variants: [] }, ['options.2.name']],
    [{ options: [{ name: '색상', values: ['a', 'b', 'a'] }], variants: [] }, ['options.0.values.2']],
    [{ options, variants: [{ values: ['빨강'] }] }, ['variants.0.values']],
    [{ options, variants: [{ values: ['빨강', 'XL'] }] }, ['variants.0.values.1']],
    [{ options, variants: [{ values: ['빨강', 'M'] }, { values: ['빨강', 'M'] }] }, ['variants.1.values']],
    [
      {
        options,
        variants: [
          { values: ['빨강', 'M'], sku: 'A' },
          { values: ['빨강', 'L'], sku: 'A' },
        ],
      },
      ['variants.1.sku'],
    ],
  ]
  for (const [given, paths] of cases) assert.deepEqual(pathsOf(given), paths)
})

test('a thing is called by its name and its values', () => {
  assert.equal(titleOf({ name: 'Shirt', options: wordsOf(options, ['빨강', 'L']) }), 'Shirt (빨강 / L)')
  assert.equal(titleOf({ name: 'Tea', options: [] }), 'Tea')
})
