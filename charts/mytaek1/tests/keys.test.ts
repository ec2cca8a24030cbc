import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { podsOf, renderChart } from './helm.ts'

suite('keys that are changed', () => {
  test('each key may have another beside it, under its own name or yours', async () => {
    const otherOf = async (deployment: string, ...sets: string[]) =>
      Object.fromEntries(
        (podsOf(await renderChart(...sets)).get(`Deployment/${deployment}`)?.spec.containers[0]?.env ?? [])
          .filter(({ name }) => name.endsWith('_OTHER'))
          .map(({ name, valueFrom }) => [name, valueFrom?.secretKeyRef]),
      )
    const own = (key: string) => ({ name: 'mytaek1-auth', key, optional: true })
    assert.deepEqual(await otherOf('mytaek1-commerce'), {
      SERVICE_TOKEN_OTHER: own('service-token-other'),
      TOKEN_PRIVATE_KEY_OTHER: own('token-private-key-other'),
    })
    const yours = ['auth.existingSecret=keys', 'auth.secretKeys.serviceToken=TOKEN']
    assert.deepEqual(await otherOf('mytaek1-payment', ...yours), {
      SERVICE_TOKEN_OTHER: { name: 'keys', key: 'TOKEN-other', optional: true },
      CARD_TOKEN_KEY_OTHER: { name: 'keys', key: 'card-token-key-other', optional: true },
    })
  })
})
