import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { ApiProblem } from '../api/problem.ts'
import { explain, loadLocale } from './translate.ts'

before(() => loadLocale('ko'))

const said = { detail: 'Cannot reserve 3 of product prod_01jd: 2 left' }

test('a refusal is told in the visitor’s language, never in the service’s words', () => {
  for (const [status, code] of [
    [409, 'sold_out'],
    [409, 'a_code_of_tomorrow'],
    [500, 'internal'],
    [502, 'http_502'],
    [503, 'database_unavailable'],
  ] as const) {
    const text = explain(new ApiProblem({ status, code, ...said }))
    assert.match(text, /[가-힣]/, code)
    assert.doesNotMatch(text, /[A-Za-z_]{3}/, code)
  }
})

test('of what was entered the fields are named as the form names them, and what no form has is not named', () => {
  const errors = [
    { path: 'email', message: 'Invalid email address' },
    { path: 'items.0.sku', message: 'Required' },
  ]
  const text = explain(new ApiProblem({ status: 400, code: 'invalid_request', errors }))
  assert.equal(text, '다음 항목을 확인해 주세요: 이메일.')
})
