import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryDelay } from './retry-delay.ts'

const retries = { inc: () => undefined }
const coded = (code: string) => Object.assign(new Error(code), { code })

test('what a later try can mend is tried again soon: contention, a repeated request, a lost connection', () => {
  for (const code of ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD', 'ER_DUP_ENTRY', 'ECONNREFUSED']) {
    for (const attempt of [1, 10, 50]) {
      const delay = retryDelay(coded(code), attempt, retries)
      assert.ok(delay !== undefined && delay <= 500, `${code} at attempt ${attempt}: ${delay}`)
    }
  }
})

test('a statement that is wrong is not tried again, and contention not for ever', () => {
  assert.equal(retryDelay(coded('ER_PARSE_ERROR'), 1, retries), undefined)
  assert.equal(retryDelay(new Error('a bug'), 1, retries), undefined)
  assert.equal(retryDelay(coded('ER_DUP_ENTRY'), 51, retries), undefined)
})
