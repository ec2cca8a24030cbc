import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { secrets } from '../kubernetes/api.ts'
import { makeNamespace, startTestCluster, type TestCluster } from '../testing/cluster.ts'
import { keepSecret } from './keep-secret.ts'
import type { Recipe } from './recipe.ts'

let cluster: TestCluster
before(async () => {
  cluster = await startTestCluster()
})
after(() => cluster?.stop())

const recipe: Recipe = {
  name: 'database',
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'shop' },
  keys: { password: { random: 32 }, url: { text: 'redis://:$(password)@redis' } },
}
const held = async (namespace: string) => {
  const { data } = await cluster.api.get(secrets, { namespace, name: recipe.name })
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]))
}
const keep = (namespace: string, keys: Recipe['keys'] = recipe.keys) =>
  keepSecret({ api: cluster.api, namespace, recipe: { ...recipe, keys } })

test('it is made once, with the labels that let Helm take it over; a second time nothing changes', async () => {
  const namespace = await makeNamespace(cluster.api, 'own-secrets')
  assert.deepEqual(await keep(namespace), ['password', 'url'])
  const made = await held(namespace)
  assert.equal(made['url'], `redis://:${made['password']}@redis`)
  assert.deepEqual(await keep(namespace), [])
  assert.deepEqual(await held(namespace), made)
  const { metadata } = await cluster.api.get(secrets, { namespace, name: recipe.name })
  assert.equal(metadata.labels['app.kubernetes.io/managed-by'], 'Helm')
})

test('a key that a later version needs is added, those before stay', async () => {
  const namespace = await makeNamespace(cluster.api, 'own-secrets-grown')
  await keep(namespace)
  const before = await held(namespace)
  assert.deepEqual(await keep(namespace, { ...recipe.keys, 'new-key': { random: 48 } }), ['new-key'])
  const { 'new-key': added, ...rest } = await held(namespace)
  assert.equal(added?.length, 48)
  assert.deepEqual(rest, before)
})

test('ten at once make one', async () => {
  const namespace = await makeNamespace(cluster.api, 'own-secrets-race')
  const made = await Promise.all(Array.from({ length: 10 }, () => keep(namespace)))
  assert.equal(made.filter((keys) => keys.length > 0).length, 1)
})
