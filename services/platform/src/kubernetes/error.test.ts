import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KubernetesError, refusalOf } from './error.ts'

const refusal = (message: string, status = 403) =>
  refusalOf(new KubernetesError({ status, reason: 'Forbidden', message }))

test('what a policy or a webhook refuses has its words', () => {
  const policy = `broadcasts.live.mytaek1.dev "b" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: `
  assert.equal(
    refusal(`${policy}seller s may not record (quota recording)`),
    'seller s may not record (quota recording)',
  )
  assert.equal(refusal('admission webhook "w.example" denied the request: not on Sundays', 400), 'not on Sundays')
})

test('a policy that could not judge, a full quota, a missing permission and an outage are no refusal', () => {
  for (const message of [
    `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed to configure binding: no params found for policy binding`,
    `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: expression 'x' resulted in error: no such key: y`,
    'broadcasts.live.mytaek1.dev "b" is forbidden: exceeded quota: q',
    'broadcasts.live.mytaek1.dev is forbidden: User "u" cannot create resource',
  ])
    assert.equal(refusal(message), undefined, message)
  assert.equal(refusal('failed calling webhook "w": denied the request: late', 500), undefined)
})
