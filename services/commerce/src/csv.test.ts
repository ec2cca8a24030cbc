/** What a spreadsheet reads of a file of ours, and what we read of one that comes back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { csvFile, keptAsText, unguarded } from './csv.ts'
import { readCsv } from './read-csv.ts'

test('a file begins with a byte order mark, and its cells may hold commas, quotes and line breaks', () => {
  assert.equal(csvFile([['수령인', 2], ['a,b "c"\nd']]), '\uFEFF"수령인",2\r\n"a,b ""c""\nd"\r\n')
})

test('no cell is a formula, whatever somebody calls themselves', () => {
  for (const text of ['=1+1', '+82 10', '-1', '@SUM(A1)', ' =1', '\t=1', '＝1', '|calc', "'=1"]) {
    assert.equal(csvFile([[text]]), `\uFEFF"'${text}"\r\n`, text)
  }
  for (const text of ['010-1234-5678', '김=철수', '06236', "'철수'", '']) {
    assert.equal(csvFile([[text]]), `\uFEFF"${text}"\r\n`)
  }
})

test('what a spreadsheet would take for a number or a date and save as another is kept as text', () => {
  for (const text of ['00123', '1E5', '1-2', '10:30', '1.50', '3월 5일', '1234567890123456']) {
    assert.equal(keptAsText(text), `'${text}`, text)
  }
  for (const text of ['0', '90', '12900', '500ml', 'A-01', '1+1 행사']) assert.equal(keptAsText(text), text)
})

test('every text comes back as it was, whatever it begins with', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom("'", '=', '+', '-', ' ', '0', '1', 'e', '가', ',', '"', '\n') }),
    fc.string({ unit: 'grapheme' }),
  )
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
      const cells = [...texts.map((each) => each.replaceAll('\r', '')), 'end'] // an empty line is no row
      const file = csvFile([['a'], cells.map(keptAsText)]).slice(1)
      const read = readCsv(file, { rowsMax: 10 })
      assert.ok('rows' in read)
      assert.deepEqual(read.rows[0]?.cells.map(unguarded), cells)
    }),
  )
})

test('rows are told by the line on which they begin, quoted line breaks and empty lines counted', () => {
  const read = readCsv('a,b\r\n1,"x\r\ny"\r\n\r\n,,\r\n3,4\n', { rowsMax: 10 })
  assert.deepEqual(read, {
    header: ['a', 'b'],
    rows: [
      { line: 2, cells: ['1', 'x\ny'] },
      { line: 6, cells: ['3', '4'] },
    ],
  })
})

test('tabs and semicolons are read where the header has them', () => {
  for (const sign of ['\t', ';']) {
    assert.deepEqual(readCsv(`a${sign}b\n1,5${sign}2`, { rowsMax: 10 }), {
      header: ['a', 'b'],
      rows: [{ line: 2, cells: ['1,5', '2'] }],
    })
  }
})

test('what is no CSV, and what is longer than is taken, is refused by line', () => {
  const cases: [string, object][] = [
    ['a,b\n1,"x\n2,3', { line: 3, rule: 'quotes' }],
    ['a\n"x"y\n', { line: 2, rule: 'quotes' }],
    ['a\nx"y\n', { line: 2, rule: 'quotes' }],
    ['a\n1\n2\n3\n', { line: 4, rule: 'too_many_rows' }],
    ['', { line: 1, rule: 'no_rows' }],
    ['a\n,\n', { line: 1, rule: 'no_rows' }],
    [`a\n${'x'.repeat(70_000)}\n`, { line: 2, rule: 'row_too_long' }],
  ]
  for (const [text, fault] of cases) assert.deepEqual(readCsv(text, { rowsMax: 2 }), fault, text.slice(0, 20))
})
