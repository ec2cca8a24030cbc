import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { broadcastFinalizer, liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { clearNamespace } from './clear-namespace.ts'
import { eventually, makeNamespace, startTestCluster, testLog, type TestCluster } from './testing/cluster.ts'

let cluster: TestCluster
before(async () => {
  cluster = await startTestCluster()
})
after(() => cluster?.stop())

const log = testLog()

async function fill(namespace: string): Promise<void> {
  await makeNamespace(cluster.api, namespace)
  for (const name of ['a', 'b']) {
    await cluster.api.create(
      broadcasts,
      { namespace },
      {
        apiVersion: liveApi.apiVersion,
        kind: 'Broadcast',
        metadata: { name, finalizers: [broadcastFinalizer] },
        spec: { title: name, seller: 's', streamKey: { sha256: 'a'.repeat(64) } },
      },
    )
  }
  await cluster.api.create(
    mediaPools,
    { namespace },
    {
      apiVersion: liveApi.apiVersion,
      kind: 'MediaPool',
      metadata: { name: 'default' },
      spec: { min: 0, max: 1, buffer: 1 },
    },
  )
}

const isGone = async (namespace: string, name: string) =>
  cluster.api.get(broadcasts, { namespace, name }).then(
    () => false,
    (error: unknown) => isNotFound(error),
  )

test('with an operator that ends streams in order nothing is forced', async () => {
  const namespace = 'served'
  await fill(namespace)
  const cleared = clearNamespace({ api: cluster.api, namespace, graceMs: 300_000, log })
  for (const name of ['a', 'b']) {
    await eventually(`${name} is being deleted`, async () => {
      const { metadata } = await cluster.api.get(broadcasts, { namespace, name })
      return metadata.deletionTimestamp
    })
    await cluster.api.patch(
      broadcasts,
      { namespace, name },
      { type: 'merge', body: { metadata: { finalizers: null } } },
    )
  }
  assert.deepEqual(await cleared, [])
})

test('without an operator the finalizers are taken away after the grace', async () => {
  const namespace = 'orphaned'
  await fill(namespace)
  const forced = await clearNamespace({ api: cluster.api, namespace, graceMs: 300, log })
  assert.deepEqual(forced.toSorted(), ['broadcasts/a', 'broadcasts/b'])
  assert.deepEqual(await Promise.all(['a', 'b'].map((name) => isGone(namespace, name))), [true, true])
})

test('another namespace keeps its broadcasts', async () => {
  await fill('neighbour')
  await clearNamespace({ api: cluster.api, namespace: 'default', graceMs: 300, log })
  assert.equal(await isGone('neighbour', 'a'), false)
})
