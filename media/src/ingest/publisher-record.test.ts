import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Broadcast, liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { connectPatiently } from '@mytaek1/platform/testing/patient-api.ts'
import { startLocalApiserver } from '../../../k8s-tests/cluster/node/local-apiserver.ts'
import { publisherRecord } from './publisher-record.ts'

const namespace = 'default'
const never = new AbortController().signal
const always = () => true
const server = await startLocalApiserver()
const api = await connectPatiently({ kubeconfig: server.kubeconfigPath })
after(async () => {
  api.close()
  await server.stop()
})
await install()
const record = publisherRecord(api)
const get = (name: string) => api.get(broadcasts, { namespace, name })
const publisher = (sessionId: string) => ({ sessionId, ingestPod: 'ingest-1', connectedAt: '2026-01-01T00:00:00Z' })

test('a claim is written over whoever published, and wins against a concurrent change', async () => {
  const seen = await make('b-claim')
  const first = await record.claim(seen, publisher('one'), always, never)
  assert.equal(first?.status?.publisher?.sessionId, 'one')
  await record.release(first, 'one', '2026-01-01T00:01:00Z', never)
  // `seen` is older than two writes by now: the apiserver refuses it, and the claim starts again from what is there.
  const second = await record.claim(seen, publisher('two'), always, never)
  assert.equal(second?.status?.publisher?.sessionId, 'two')
  assert.equal(second?.status?.publisher?.disconnectedAt, undefined)
})

test('a claim gives up when what others wrote no longer accepts it', async () => {
  const seen = await make('b-closed')
  const patch = { type: 'merge', body: { status: { phase: 'Ended' } } } as const
  await api.patch(broadcasts, { namespace, name: 'b-closed', subresource: 'status' }, patch)
  const accepts = ({ status }: Broadcast) => status?.phase !== 'Ended'
  assert.equal(await record.claim(seen, publisher('late'), accepts, never), null)
  assert.equal((await get('b-closed')).status?.publisher, undefined)
})

test('a release notes the time, but never over a newer publisher', async () => {
  const seen = await make('b-release')
  await record.claim(seen, publisher('old'), always, never)
  await record.claim(seen, publisher('new'), always, never)
  await record.release(seen, 'old', '2026-01-01T00:01:00Z', never)
  assert.equal((await get('b-release')).status?.publisher?.disconnectedAt, undefined)
  await record.release(seen, 'new', '2026-01-01T00:02:00Z', never)
  assert.equal((await get('b-release')).status?.publisher?.disconnectedAt, '2026-01-01T00:02:00Z')
})

test('ten encoders that claim at once leave one publisher', async () => {
  const seen = await make('b-race')
  const names = Array.from({ length: 10 }, (_, index) => `session-${index}`)
  const claims = await Promise.allSettled(names.map((name) => record.claim(seen, publisher(name), always, never)))
  const written = claims.flatMap((claim) => (claim.status === 'fulfilled' && claim.value !== null ? [claim.value] : []))
  const versions = new Set(written.map(({ metadata }) => metadata.resourceVersion))
  assert.equal(versions.size, written.length, 'each claim was a write of its own')
  const last = written.sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion)).at(-1)
  assert.equal((await get('b-race')).status?.publisher?.sessionId, last?.status?.publisher?.sessionId)
})

test('a broadcast that is gone is claimed by nobody and released by nobody', async () => {
  const seen = await make('b-gone')
  await api.delete(broadcasts, { namespace, name: 'b-gone' })
  assert.equal(await record.claim(seen, publisher('one'), always, never), null)
  await record.release(seen, 'one', '2026-01-01T00:01:00Z', never)
})

function make(name: string): Promise<Broadcast> {
  const spec = { title: 't', seller: 's', streamKey: { sha256: '00' }, state: 'Open' }
  return api.create(
    broadcasts,
    { namespace },
    { apiVersion: liveApi.apiVersion, kind: 'Broadcast', metadata: { name }, spec },
  )
}

/** The Broadcast definition without its schema: what matters here is the status subresource and its versions. */
async function install(): Promise<void> {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const openAPIV3Schema = { type: 'object', properties: { spec: open, status: open } }
  const version = {
    name: liveApi.version,
    served: true,
    storage: true,
    schema: { openAPIV3Schema },
    subresources: { status: {} },
  }
  const names = { plural: liveApi.broadcasts, singular: 'broadcast', kind: 'Broadcast' }
  const body = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${liveApi.broadcasts}.${liveApi.group}` },
    spec: { group: liveApi.group, scope: 'Namespaced', names, versions: [version] },
  }
  await api.call({ method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body })
  const path = `/apis/${liveApi.apiVersion}/${liveApi.broadcasts}`
  for (let tries = 0; tries < 300; tries++) {
    if (await api.call({ method: 'GET', path }).then(always, () => false)) return
    await wait(100)
  }
  throw new Error('Broadcasts are not served')
}
