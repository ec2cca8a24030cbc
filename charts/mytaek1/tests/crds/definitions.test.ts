/** The apiserver alone takes every valid object and refuses every invalid one: no webhook, no controller runs here. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { connectPatiently } from '@mytaek1/platform/testing/patient-api.ts'
import { startLocalApiserver, type LocalApiserver } from '../../../../k8s-tests/cluster/node/local-apiserver.ts'
import { pathsFor } from '../../../../k8s-tests/cluster/host/paths.ts'
import { ensureTools } from '../../../../k8s-tests/cluster/build/toolchain.ts'
import { renderChart, renderText } from '../helm.ts'
import {
  broadcastChanges,
  invalidBroadcasts,
  invalidPools,
  plainPool,
  plainSpec,
  validBroadcasts,
  validPools,
  type Case,
} from './corpus.ts'

const collection = (plural: string) => `/apis/${liveApi.apiVersion}/namespaces/default/${plural}`
const broadcastsPath = collection(liveApi.broadcasts)
const strict = { fieldValidation: 'Strict' }

let server: LocalApiserver
let api: KubernetesApi
let names = 0

before(async () => {
  server = await startLocalApiserver()
  api = await connectPatiently({ kubeconfig: server.kubeconfigPath })
  for (const body of (await renderChart()).filter(({ kind }) => kind === 'CustomResourceDefinition')) {
    await api.call({ method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body })
  }
  const deadline = Date.now() + 180_000
  for (const plural of [liveApi.broadcasts, liveApi.mediaPools]) {
    while (
      !(await api.call({ method: 'GET', path: collection(plural) }).then(
        () => true,
        () => false,
      ))
    ) {
      assert.ok(Date.now() < deadline, `${plural} are not served after three minutes`)
      await sleep(200)
    }
  }
})
after(() => server?.stop())

const broadcast = (name: string, fields: object = {}) => ({
  apiVersion: liveApi.apiVersion,
  kind: 'Broadcast',
  metadata: { name },
  spec: { ...plainSpec, ...fields },
})
const pool = (name: string, fields: object = {}) => ({
  apiVersion: liveApi.apiVersion,
  kind: 'MediaPool',
  metadata: { name },
  spec: { ...plainPool, ...fields },
})
const tryBroadcast = ({ name, fields }: Case) =>
  api.call({
    method: 'POST',
    path: broadcastsPath,
    query: { ...strict, dryRun: 'All' },
    body: broadcast(name ?? 'b-1', fields),
  })
const tryPool = ({ name, fields }: Case) =>
  api.call({
    method: 'POST',
    path: collection(liveApi.mediaPools),
    query: { ...strict, dryRun: 'All' },
    body: pool(name ?? 'p', fields),
  })

/** Stores a Broadcast of a fresh name and answers its path. */
async function stored(fields: object = {}): Promise<string> {
  const name = `stored-${++names}`
  await api.call({ method: 'POST', path: broadcastsPath, query: strict, body: broadcast(name, fields) })
  return `${broadcastsPath}/${name}`
}

/** Writes status as `manager`, which from then on owns those fields. */
const applyStatus = (objectPath: string, manager: string, status: object) =>
  api.call({
    method: 'PATCH',
    path: `${objectPath}/status`,
    query: { fieldManager: manager, force: true, ...strict },
    contentType: 'application/apply-patch+yaml',
    body: { apiVersion: liveApi.apiVersion, kind: 'Broadcast', metadata: { name: path.basename(objectPath) }, status },
  })

async function kubectl(...args: string[]): Promise<string> {
  const { kube } = await ensureTools(pathsFor(process.env).cache, ['kube'])
  const { stdout } = await promisify(execFile)(kube, ['kubectl', '--kubeconfig', server.kubeconfigPath, ...args], {
    timeout: 300_000,
  })
  return stdout
}

suite('the corpus', () => {
  test('has at least sixty objects of each sort', () => {
    assert.ok(validBroadcasts.length >= 60, `${validBroadcasts.length} valid`)
    assert.ok(invalidBroadcasts.length >= 60, `${invalidBroadcasts.length} invalid`)
  })
  for (const valid of validBroadcasts)
    test(`Broadcast, accepted: ${valid.what}`, async () => void (await tryBroadcast(valid)))
  for (const valid of validPools) test(`MediaPool, accepted: ${valid.what}`, async () => void (await tryPool(valid)))
  for (const invalid of invalidBroadcasts) {
    test(`Broadcast, refused: ${invalid.what}`, async () => assert.rejects(tryBroadcast(invalid), invalid.says))
  }
  for (const invalid of invalidPools) {
    test(`MediaPool, refused: ${invalid.what}`, () => assert.rejects(tryPool(invalid), invalid.says))
  }
})

suite('changes of a stored Broadcast', () => {
  for (const { what, from, to, says } of broadcastChanges) {
    test(what, async () => {
      const place = await stored(from)
      const held = (await api.call({ method: 'GET', path: place })) as { metadata: { resourceVersion: string } }
      const body = { ...broadcast(path.basename(place), to), metadata: held.metadata }
      const change = api.call({ method: 'PUT', path: place, query: strict, body })
      await (says ? assert.rejects(change, says) : change)
    })
  }

  test('a spec that leaves things out is filled with the defaults', async () => {
    const { spec } = (await tryBroadcast({ what: '' })) as { spec: object }
    assert.deepEqual(spec, {
      ...plainSpec,
      state: 'Open',
      latency: 'Low',
      dvrWindow: '10m',
      reconnectWindow: '60s',
      recording: false,
    })
  })

  test('status is written through its subresource only, and without raising the generation', async () => {
    const place = await stored()
    const body = { status: { phase: 'Live' } }
    const contentType = 'application/merge-patch+json'
    const around = (await api.call({ method: 'PATCH', path: place, contentType, body })) as { status?: object }
    assert.equal(around.status, undefined)
    const through = (await api.call({ method: 'PATCH', path: `${place}/status`, contentType, body })) as {
      status: object
      metadata: { generation: number }
    }
    assert.deepEqual([through.status, through.metadata.generation], [{ phase: 'Live' }, 1])
  })

  test('two owners write their own conditions and keep the other’s', async () => {
    const place = await stored()
    const condition = (type: string) => ({
      type,
      status: 'True',
      reason: 'Test',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })
    await applyStatus(place, 'operator', { conditions: [condition('PodAssigned')] })
    await applyStatus(place, 'stream', { conditions: [condition('Publishing'), condition('Playable')] })
    await applyStatus(place, 'stream', { conditions: [condition('Publishing')] })
    const { status } = (await api.call({ method: 'GET', path: place })) as {
      status: { conditions: { type: string }[] }
    }
    assert.deepEqual(status.conditions.map(({ type }) => type).toSorted(), ['PodAssigned', 'Publishing'])
  })

  test('a stream Pod that knows no discontinuity sequence may still write how far it came', async () => {
    const place = await stored()
    const mediaSequence = { number: 7, at: '2026-01-01T00:00:00Z', segmentSeconds: 2 }
    await applyStatus(place, 'stream', { mediaSequence })
    const { status } = (await api.call({ method: 'GET', path: place })) as { status: object }
    assert.deepEqual(status, { mediaSequence: { ...mediaSequence, discontinuity: 0 } })
  })

  test('a status that breaks its rules is refused', async () => {
    const place = await stored()
    await assert.rejects(applyStatus(place, 'operator', { phase: 'Lively' }), /status\.phase/)
    await assert.rejects(applyStatus(place, 'operator', { publisher: { sessionId: 'a' } }), /ingestPod: Required/)
    await assert.rejects(applyStatus(place, 'operator', { streamKeySha256: 'abc' }), /streamKeySha256/)
    await assert.rejects(applyStatus(place, 'stream', { recording: { state: 'Lost' } }), /recording\.state/)
  })
})

suite('what people and programs see', () => {
  test('a stream Pod finds its Broadcast by a field selector', async () => {
    const place = await stored({ seller: 'selected' })
    await applyStatus(place, 'operator', { podName: 'stream-7', phase: 'Starting' })
    for (const fieldSelector of [
      'status.podName=stream-7',
      'spec.seller=selected',
      'status.phase=Starting,spec.state=Open',
    ]) {
      const list = (await api.call({ method: 'GET', path: broadcastsPath, query: { fieldSelector } })) as {
        items: { metadata: { name: string } }[]
      }
      assert.deepEqual(
        list.items.map(({ metadata }) => metadata.name),
        [path.basename(place)],
        fieldSelector,
      )
    }
  })

  test('kubectl get bc shows phase, readiness, Pod, publisher and age', async () => {
    const place = await stored()
    await applyStatus(place, 'operator', {
      phase: 'Live',
      podName: 'stream-8',
      publisher: { sessionId: 's', ingestPod: 'ingest-1', connectedAt: '2026-01-01T00:00:00Z' },
      conditions: [
        { type: 'Ready', status: 'True', reason: 'Playing', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ],
    })
    const [head, row] = (await kubectl('get', 'bc', path.basename(place))).trim().split('\n')
    assert.deepEqual(head?.split(/\s+/), ['NAME', 'PHASE', 'READY', 'POD', 'PUBLISHER', 'AGE'])
    assert.deepEqual(row?.split(/\s+/).slice(1, 5), ['Live', 'True', 'stream-8', 'ingest-1'])
    assert.match(
      await kubectl('wait', 'bc', path.basename(place), '--for=condition=Ready', '--timeout=100s'),
      /condition met/,
    )
  })

  test('kubectl scale moves a pool’s warm Pods', async () => {
    await api.call({ method: 'POST', path: collection(liveApi.mediaPools), body: pool('scaled') })
    await kubectl('scale', 'mediapool', 'scaled', '--replicas=5')
    const { spec } = (await api.call({ method: 'GET', path: `${collection(liveApi.mediaPools)}/scaled` })) as {
      spec: { buffer: number }
    }
    assert.equal(spec.buffer, 5)
  })
})

suite('the whole chart', () => {
  const variants = {
    'no values': [],
    'three Redis masters, TLS and a host': [
      'redis.masters=3,ingress.host=shop.example,ingress.tls.secretName=web,ingress.className=nginx,ingest.tls.secretName=rtmps',
    ],
    'no autoscalers, tolerations and a priority': [
      'commerce.autoscaling.enabled=false,edge.autoscaling.enabled=false,priorityClassName=system-cluster-critical,nodeSelector.disk=ssd',
      'tolerations[0].key=media,tolerations[0].operator=Exists,imagePullSecrets[0].name=registry',
    ],
    'external stores': [
      'mariadb.embedded=false,mariadb.external.existingSecret=a,redis.embedded=false,redis.external.existingSecret=b',
      's3.embedded=false,s3.external.endpoint=https://s3.example,s3.external.existingSecret=c',
    ],
  }
  for (const [what, sets] of Object.entries(variants)) {
    test(`the apiserver takes every object: ${what}`, async () => {
      const file = path.join(server.folder, 'rendered.yaml')
      await writeFile(file, await renderText(...sets))
      const answer = await kubectl('apply', '--dry-run=server', '--validate=strict', '-f', file)
      assert.match(answer, /deployment\.apps\/mytaek1-commerce created/)
    })
  }
})
