/** What a spreadsheet reads of a file of ours. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvFile } from './csv.ts'

test('a file begins with a byte order mark, and its cells may hold commas, quotes and line breaks', () => {
  assert.equal(csvFile([['수령인', 2], ['a,b "c"\nd']]), '\uFEFF"수령인",2\r\n"a,b ""c""\nd"\r\n')
})

test('no cell is a formula, whatever somebody calls themselves', () => {
  for (const text of ['=1+1', '+82 10', '-1', '@SUM(A1)', ' =1', '\t=1', '＝1', '|calc']) {
    assert.equal(csvFile([[text]]), `\uFEFF"'${text}"\r\n`, text)
  }
  for (const text of ['010-1234-5678', '김=철수', '06236', '']) assert.equal(csvFile([[text]]), `\uFEFF"${text}"\r\n`)
})
