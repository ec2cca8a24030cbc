import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { suite, test } from 'node:test'
import { parse } from 'yaml'
import { rowsOf, type Schema, tableOf, withTable } from './values-table.ts'

const folder = path.resolve(import.meta.dirname, '../..')
const read = (file: string) => readFile(path.join(folder, file), 'utf8')

suite('the table of values', () => {
  const file = `# a file
a:
  # How many
  many: 2
  # Words
  words: ''
# What it may take
resources:
  requests: { cpu: 1 }
  limits: {}
`
  const schema = {
    properties: {
      a: { properties: { many: { type: 'integer' }, words: { $ref: '#/definitions/word' } } },
      resources: { type: 'object' },
    },
    definitions: { word: { enum: ['', 'a|b'] } },
  }
  const rows = [
    { value: 'a.many', type: 'integer', preset: '2', does: 'How many' },
    { value: 'a.words', type: '"" or "a|b"', preset: '""', does: 'Words' },
    { value: 'resources', type: 'object', preset: '{"requests":{"cpu":1},"limits":{}}', does: 'What it may take' },
  ]

  test('has a row for each value with a comment, and one for a section that is explained as a whole', () => {
    assert.deepEqual(rowsOf(file, schema), rows)
  })

  test('a value that the schema does not know is an error', () => {
    assert.throws(() => rowsOf('# b\nb: 1\n', schema), /does not know b/)
  })

  test('takes the place of the one before, and of nothing else', () => {
    const table = tableOf(rows)
    assert.match(table, /\n\| `a\.words` \| "" or "a\\\|b" \| `""` \| Words \|\n/)
    assert.equal(withTable(`above\n\n${tableOf([])}\n\nbelow\n`, table), `above\n\n${table}\n\nbelow\n`)
    assert.throws(() => withTable('no marks', table), /README\.md lacks/)
  })
})

suite('README.md', () => {
  test('lists every value as it is: `make chart-readme` makes it so', async () => {
    const rows = rowsOf(await read('values.yaml'), JSON.parse(await read('values.schema.json')) as Schema)
    const readme = await read('README.md')
    assert.ok(readme.includes(tableOf(rows)), 'README.md is behind values.yaml: make chart-readme')
  })

  test('no value is left out: each leaf of values.yaml is a row, or in one', async () => {
    const listed = rowsOf(await read('values.yaml'), JSON.parse(await read('values.schema.json')) as Schema).map(
      ({ value }) => value,
    )
    assert.ok(listed.length > 200, String(listed.length))
    for (const leaf of leavesOf(parse(await read('values.yaml'))))
      assert.ok(
        listed.some((value) => leaf === value || leaf.startsWith(`${value}.`)),
        leaf,
      )
  })
})

function leavesOf(value: unknown, at: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    return [at.join('.')]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...at, key]))
}
