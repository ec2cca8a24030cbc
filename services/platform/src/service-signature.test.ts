import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serviceSignature, verifyServiceSignature } from './service-signature.ts'

const call = {
  serviceToken: 'a-secret-of-two-services',
  method: 'POST',
  path: '/internal/events',
  body: '{"id":"evt_1"}',
}
const { serviceToken, ...unsigned } = call
const received = { ...unsigned, serviceTokens: [serviceToken] }
const now = Date.parse('2026-01-01T00:00:00Z')
const refused = { code: 'unauthenticated' }

test('a signature verifies for what was signed', () => {
  verifyServiceSignature(received, serviceSignature(call, now), now + 60_000)
})

test('a signature does not verify for another body, path, method or secret', () => {
  const header = serviceSignature(call, now)
  for (const change of [{ body: '{}' }, { path: '/internal/orders/1' }, { method: 'GET' }, { serviceTokens: ['x'] }]) {
    assert.throws(() => verifyServiceSignature({ ...received, ...change }, header, now), refused)
  }
})

test('while the token is changed both sides understand each other at every step, and the old one is worth nothing after', () => {
  const [old, next] = ['the-old-token', 'the-next-token']
  const steps = [[old], [old, next], [next, old], [next]] // the first signs, all are taken
  for (const [index, [signing = '']] of steps.entries()) {
    const header = serviceSignature({ ...call, serviceToken: signing }, now)
    // a roll-out has processes of two neighbouring steps at once
    for (const serviceTokens of steps.slice(Math.max(0, index - 1), index + 2)) {
      verifyServiceSignature({ ...call, serviceTokens }, header, now)
    }
  }
  const header = serviceSignature({ ...call, serviceToken: old }, now)
  assert.throws(() => verifyServiceSignature({ ...call, serviceTokens: [next] }, header, now), refused)
})

test('a signature older or newer than five minutes is refused', () => {
  const header = serviceSignature(call, now)
  assert.throws(() => verifyServiceSignature(received, header, now + 301_000), refused)
  assert.throws(() => verifyServiceSignature(received, header, now - 301_000), refused)
})

test('anything that is not a signature is refused', () => {
  for (const header of ['', 't=1', 'v1=00', `t=${now / 1_000},v1=zz`, `t=1e9,v1=${'0'.repeat(64)}`]) {
    assert.throws(() => verifyServiceSignature(received, header, now), refused)
  }
})
