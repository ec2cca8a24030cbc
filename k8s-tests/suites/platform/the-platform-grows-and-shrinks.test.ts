import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubectl, kubectlJson } from '../../framework/platform-under-test.ts'
import { call } from '../../framework/http.ts'
import { signUp } from '../../framework/people.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const loadSeconds = 150

async function desiredReplicas(): Promise<number> {
  const deployment = (await kubectlJson(['get', 'deployment', 'mytaek1-commerce'])) as { spec: { replicas: number } }
  return deployment.spec.replicas
}

test('under load the HPA adds commerce Pods, and takes them away afterwards', { timeout: 480_000 }, async () => {
  const before = await waitFor('commerce at its minimum', 120, async () => {
    const replicas = await desiredReplicas()
    return replicas <= 2 ? replicas : notYet(replicas)
  })
  const viewer = await signUp('load')
  const enough = new AbortController()
  const stop = AbortSignal.any([enough.signal, AbortSignal.timeout(loadSeconds * 1_000)])
  let failures = 0
  // Sign-ins hash a password each: the dearest request a viewer can send.
  const load = Array.from({ length: 4 }, async () => {
    while (!stop.aborted) {
      const answer = await call('POST', '/api/commerce/v1/sessions', {
        body: { email: viewer.email, password: viewer.password },
      })
      if (answer.status >= 500 && answer.status !== 503) failures += 1
    }
  })
  const grown = await waitFor('the HPA to add Pods', loadSeconds, async () => {
    const replicas = await desiredReplicas()
    return replicas > before
      ? replicas
      : notYet({ replicas, hpa: await kubectl(['get', 'hpa', 'mytaek1-commerce', '--no-headers']) })
  }).finally(() => enough.abort())
  await Promise.all(load)
  assert.ok(grown > before)
  assert.equal(failures, 0)
  await waitFor('the HPA to take them away', 180, async () => {
    const replicas = await desiredReplicas()
    return replicas === before ? replicas : notYet(replicas)
  })
})
