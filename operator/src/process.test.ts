/** The operator as its image runs it: own processes, a ServiceAccount with the chart's Role, the apiserver's audit log. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { labels, streamKeyLabel, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { pods, type Pod } from './kubernetes/api.ts'
import { broadcastOf, isWarm, poolOf } from './stream-pod/state.ts'
import { AuditLog } from './testing/audit-log.ts'
import {
  FakeKubelet,
  broadcastBody,
  connectEncoder,
  eventually,
  listPods,
  makeIngestPod,
  makeNamespace,
  reportStream,
  startTestCluster,
  testTemplate,
  type TestCluster,
} from './testing/cluster.ts'
import { startOperatorProcess, type OperatorProcess } from './testing/operator-process.ts'
import { chartRules, mountServiceAccount } from './testing/service-account.ts'

const namespace = 'shop'
const username = `system:serviceaccount:${namespace}:operator`
/** Checked by an admission plugin that only some clusters run (OwnerReferencesPermissionEnforcement), never requested. */
const unseen = ['live.mytaek1.dev/broadcasts/finalizers update', 'live.mytaek1.dev/mediapools/finalizers update']

let folder: string
let audit: AuditLog
let cluster: TestCluster
let kubelet: FakeKubelet
const processes: OperatorProcess[] = []
let env: Record<string, string>

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-operator-'))
  audit = await AuditLog.prepare(folder)
  const templateFile = path.join(folder, 'stream-pod.yaml')
  await writeFile(templateFile, JSON.stringify(testTemplate))
  cluster = await startTestCluster({ apiserverArgs: audit.apiserverArgs })
  await makeNamespace(cluster.api, namespace)
  kubelet = new FakeKubelet(cluster.api, namespace)
  await makeIngestPod(cluster.api, namespace)
  const account = await mountServiceAccount(cluster.server, cluster.api, namespace)
  env = {
    ...account,
    STREAM_TEMPLATE_FILE: templateFile,
    LINGER_SECONDS: '0',
    WARM_POOL_BUFFER: '1',
    LEASE_SECONDS: '10', // a machine that stands still for a moment must not change leaders in between
  }
})
after(async () => {
  await Promise.all(processes.map((one) => one.kill('SIGKILL')))
  await kubelet.stop()
  await cluster.stop()
  await rm(folder, { recursive: true, force: true })
})

async function start(more: Record<string, string> = {}): Promise<OperatorProcess> {
  const one = startOperatorProcess({ ...env, ...more, POD_NAME: `operator-${processes.length}` })
  processes.push(one)
  await one.logged('operator.synced')
  return one
}
const create = (name: string, spec?: Record<string, unknown>) =>
  cluster.api.create(broadcasts, { namespace }, broadcastBody(namespace, name, spec))
const isTrue = (broadcast: Broadcast, type: string) =>
  broadcast.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
async function until(name: string, what: string, is: (broadcast: Broadcast) => boolean): Promise<Broadcast> {
  let last: Broadcast | undefined
  const look = async () => {
    last = await cluster.api.get(broadcasts, { namespace, name })
    return is(last) ? last : undefined
  }
  return eventually(`${name}: ${what}`, look, { state: () => last })
}

const streamPods = () => listPods(cluster.api, namespace, `${labels.component}=stream`)
/** The operator sees it, too: an encoder that comes now is given it. */
const aPodIsWarm = () =>
  eventually('a Pod is warm', async () => {
    const all = await streamPods()
    const live = all.filter((pod) => poolOf(pod) !== undefined && broadcastOf(pod) !== undefined)
    const { status } = await cluster.api.get(mediaPools, { namespace, name: 'default' })
    return status?.warm === 1 && status.live === live.length && all.some(isWarm) ? true : undefined
  })

test('a standby serves on after its leader was killed, and a leader that is asked to go lets go of the Lease', async () => {
  const first = await start()
  await first.logged('leader.elected')
  const second = await start()
  await create('after-kill')
  await until('after-kill', 'it is seen', (one) => one.status?.phase === 'Open')
  await first.kill('SIGKILL')
  await connectEncoder(cluster.api, namespace, 'after-kill')
  await until('after-kill', 'the standby gave it a Pod', (one) => isTrue(one, 'PodAssigned'))
  await second.logged('leader.elected')

  // How fast is the bench's matter; here, that it is let go and not waited for.
  const third = await start()
  await second.kill('SIGTERM')
  await third.logged('leader.elected')
  assert.ok(second.seen.has('leader.released'))
  assert.equal(second.child.exitCode, 0)
})

test("the chart's Role has every verb that the operator uses, and none that it does not", async () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', labels: { [streamKeyLabel]: 'true' } },
    stringData: { streamKey: 'k' },
  }
  await cluster.api.call({ method: 'POST', path: `/api/v1/namespaces/${namespace}/secrets`, body: secret })
  await aPodIsWarm()
  await create('b-1', { streamKey: { secretRef: { name: 'key', key: 'streamKey' } } })
  await connectEncoder(cluster.api, namespace, 'b-1')
  const first = await until('b-1', 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
  await reportStream(cluster.api, namespace, 'b-1', 'playing')
  await until('b-1', 'it is Ready', (one) => isTrue(one, 'Ready'))
  const pod = await cluster.api.get(pods, { namespace, name: first.status?.podName })
  await eventually('its Pod is labelled', async () => (await streamPods()).find((one) => broadcastOf(one) === 'b-1'))
  // Adopted twice: the second Event of the same kind becomes a series of the first.
  await aPodIsWarm()
  await kubelet.fail(pod)
  await until('b-1', 'another Pod', (one) => isTrue(one, 'PodAssigned') && one.status?.podUID !== pod.metadata.uid)
  await cluster.api.delete(broadcasts, { namespace, name: 'b-1' })
  await reportStream(cluster.api, namespace, 'b-1', 'ended').catch(() => undefined) // it may be gone already
  await eventually('it is gone', async () => {
    try {
      await cluster.api.get(broadcasts, { namespace, name: 'b-1' })
      return undefined
    } catch (error) {
      if (isNotFound(error)) return true
      throw error
    }
  })
  // A Pod whose Broadcast is gone: the apiserver is asked before it goes.
  const orphan = await cluster.api.create(
    pods,
    { namespace },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'orphan',
        labels: { [labels.name]: 'mytaek1', [labels.component]: 'stream', [labels.broadcast]: 'gone' },
      },
      spec: testTemplate.spec,
    },
  )
  const isHere = ({ metadata }: Pod) => metadata.uid === orphan.metadata.uid
  await eventually('the orphan is gone', async () => ((await streamPods()).some(isHere) ? undefined : true))
  // A release with other values: the pool follows them.
  const leader = processes.at(-1)
  const upgraded = await start({ WARM_POOL_BUFFER: '2' })
  await leader?.kill('SIGTERM')
  await upgraded.logged('leader.elected')
  await eventually('the pool follows', async () => {
    const { spec } = await cluster.api.get(mediaPools, { namespace, name: 'default' })
    return spec.buffer === 2 ? true : undefined
  })
  const granted = (await chartRules()).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`))),
  )
  const used = async () => {
    const requests = (await audit.requestsOf(username)).flatMap(({ verb, objectRef }) =>
      objectRef
        ? [`${objectRef.apiGroup}/${[objectRef.resource, objectRef.subresource].filter(Boolean).join('/')} ${verb}`]
        : [],
    )
    return new Set(requests)
  }
  // The Events are written beside the work.
  const expected = new Set(granted.filter((verb) => !unseen.includes(verb)))
  await eventually('the last Event is written', async () => ((await used()).size >= expected.size ? true : undefined), {
    deadlineMs: 60_000,
  }).catch(() => undefined) // the comparison below says what is missing
  assert.deepEqual([...(await used())].sort(), [...expected].sort())
  const refused = (await audit.requestsOf(username)).filter(({ responseStatus }) => responseStatus?.code === 403)
  assert.deepEqual(refused, [])
})

test('an idle operator writes nothing but its Lease', async () => {
  await create('idle')
  await until('idle', 'it is seen', (one) => one.status?.phase === 'Open')
  // Some five seconds without a write: whoever writes for no reason never has them.
  let last = (await audit.writesOf(username)).length
  let quietSince = performance.now()
  const look = async () => {
    const writes = await audit.writesOf(username)
    if (writes.length !== last) quietSince = performance.now()
    last = writes.length
    return performance.now() - quietSince > 5_000 ? true : undefined
  }
  await eventually('five seconds without a write', look, { state: () => last })
})
