import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serviceSignature, verifyServiceSignature } from './service-signature.ts'

const call = {
  serviceToken: 'a-secret-of-two-services',
  method: 'POST',
  path: '/internal/events',
  body: '{"id":"evt_1"}',
}
const now = Date.parse('2026-01-01T00:00:00Z')
const refused = { code: 'unauthenticated' }

test('a signature verifies for what was signed', () => {
  verifyServiceSignature(call, serviceSignature(call, now), now + 60_000)
})

test('a signature does not verify for another body, path, method or secret', () => {
  const header = serviceSignature(call, now)
  for (const change of [{ body: '{}' }, { path: '/internal/orders/1' }, { method: 'GET' }, { serviceToken: 'x' }]) {
    assert.throws(() => verifyServiceSignature({ ...call, ...change }, header, now), refused)
  }
})

test('a signature older or newer than five minutes is refused', () => {
  const header = serviceSignature(call, now)
  assert.throws(() => verifyServiceSignature(call, header, now + 301_000), refused)
  assert.throws(() => verifyServiceSignature(call, header, now - 301_000), refused)
})

test('anything that is not a signature is refused', () => {
  for (const header of ['', 't=1', 'v1=00', `t=${now / 1_000},v1=zz`, `t=1e9,v1=${'0'.repeat(64)}`]) {
    assert.throws(() => verifyServiceSignature(call, header, now), refused)
  }
})
