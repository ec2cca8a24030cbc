import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import { leases } from '@mytaek1/platform/kubernetes/lease.ts'
import { Elector, timesOf } from './elector.ts'
import { eventually, makeNamespace, startTestCluster, testLog, type TestCluster } from '../testing/cluster.ts'
import { FaultyApi } from '../testing/faulty-api.ts'

let cluster: TestCluster
before(async () => {
  cluster = await startTestCluster()
})
after(() => cluster.stop())

interface Candidate {
  elector: Elector
  api: FaultyApi
  told: string[]
}

async function candidate(
  t: TestContext,
  namespace: string,
  identity: string,
  told: string[],
  leaseSeconds: number,
): Promise<Candidate> {
  const api = await FaultyApi.connect(cluster.server.kubeconfigPath)
  const elector = new Elector({
    api,
    namespace,
    name: 'lease',
    identity,
    times: timesOf(leaseSeconds),
    onLead: () => void told.push(`${identity} leads`),
    onLose: () => Promise.resolve(void told.push(`${identity} lost`)),
    log: testLog(),
  })
  t.after(async () => {
    await elector.stop()
    api.close()
  })
  return { elector, api, told }
}
const leader = (all: Candidate[]) => all.find(({ elector }) => elector.isLeading())

test('of several one leads; when it lets go another does, well before the Lease would expire', async (t) => {
  const { api } = cluster
  const namespace = await makeNamespace(api, 'orderly')
  const told: string[] = []
  const all = await Promise.all(['a', 'b', 'c'].map((identity) => candidate(t, namespace, identity, told, 30)))
  const first = await eventually('one leads', () => leader(all))
  assert.equal(all.filter(({ elector }) => elector.isLeading()).length, 1)
  const lease = await api.get(leases, { namespace, name: 'lease' })
  assert.match(lease.spec.renewTime ?? '', /\.\d{6}Z$/, 'a MicroTime has six digits; the apiserver refuses three')
  const letGoAt = performance.now()
  await first.elector.stop()
  await eventually('another leads', () => leader(all.filter((one) => one !== first)))
  assert.ok(performance.now() - letGoAt < 28_000, 'the Lease would have lasted 30 s')
  assert.equal(told.length, 3, told.join(', '))
  assert.ok(
    told[1]?.endsWith('lost') && told[2]?.endsWith('leads'),
    'the first stopped working before the second began',
  )
  const { spec } = await api.get(leases, { namespace, name: 'lease' })
  assert.equal(spec.leaseTransitions, 1)
})

test('a leader cut off from the apiserver stops by itself before its successor may begin', async (t) => {
  const namespace = await makeNamespace(cluster.api, 'cut-off')
  const told: string[] = []
  const cut = await candidate(t, namespace, 'cut', told, 12)
  await eventually('it leads', () => (cut.elector.isLeading() ? true : undefined))
  const other = await candidate(t, namespace, 'other', told, 12)
  cut.api.die()
  await eventually('the other leads', () => (other.elector.isLeading() ? true : undefined))
  assert.deepEqual(told, ['cut leads', 'cut lost', 'other leads'])
  assert.ok(!cut.elector.isLeading())
})

test('a Lease of someone whose clock is a day ahead is taken when it stops changing', async (t) => {
  const { api } = cluster
  const namespace = await makeNamespace(api, 'clock')
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().replace('Z', '000Z')
  await api.create(
    leases,
    { namespace },
    {
      apiVersion: leases.apiVersion,
      kind: leases.kind,
      metadata: { name: 'lease' },
      spec: {
        holderIdentity: 'ghost',
        leaseDurationSeconds: 4,
        renewTime: tomorrow,
        acquireTime: tomorrow,
        leaseTransitions: 4,
      },
    },
  )
  const startedAt = performance.now()
  const one = await candidate(t, namespace, 'a', [], 4)
  await eventually('it leads', () => (one.elector.isLeading() ? true : undefined))
  assert.ok(performance.now() - startedAt >= 3_900, 'not before the Lease had its time')
})
