import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubectl, kubectlJson } from '../../framework/platform-under-test.ts'
import { call } from '../../framework/http.ts'
import { signUp } from '../../framework/people.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const loadSeconds = 240

async function desiredReplicas(): Promise<number> {
  const deployment = (await kubectlJson(['get', 'deployment', 'mytaek1-commerce'])) as { spec: { replicas: number } }
  return deployment.spec.replicas
}

test('under load the HPA adds commerce Pods, and takes them away afterwards', { timeout: 900_000 }, async (t) => {
  const before = await waitFor('commerce at its minimum', 240, async () => {
    const replicas = await desiredReplicas()
    return replicas <= 2 ? replicas : notYet(replicas)
  })
  const viewer = await signUp('load')
  const enough = new AbortController()
  const stop = AbortSignal.any([enough.signal, AbortSignal.timeout(loadSeconds * 1_000)])
  const answered = new Map<number, number>()
  // Sign-ins hash a password each: the dearest request a viewer can send.
  const load = Array.from({ length: 4 }, async () => {
    while (!stop.aborted) {
      const answer = await call('POST', '/api/commerce/v1/sessions', {
        body: { email: viewer.email, password: viewer.password },
      })
      answered.set(answer.status, (answered.get(answer.status) ?? 0) + 1)
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
  t.diagnostic(`answers by status: ${JSON.stringify(Object.fromEntries(answered))}`)
  // a busy process says 503 while Pods are added; it does not say it to most
  const busy = answered.get(503) ?? 0
  const all = [...answered.values()].reduce((sum, count) => sum + count, 0)
  assert.deepEqual(
    [...answered.keys()].filter((status) => ![201, 429, 503].includes(status)),
    [],
  )
  assert.ok(busy <= all / 10, `${busy} of ${all} sign-ins were told 503`)
  await waitFor('the HPA to take them away', 360, async () => {
    const replicas = await desiredReplicas()
    return replicas === before ? replicas : notYet(replicas)
  })
})
