/**
 * Faults as Sieve injects them: for each scenario the operator dies before and after each of its writes, and its view of
 * the cluster is dropped, doubled, delayed or stale. Each time it must end where the undisturbed run ended.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Registry } from 'prom-client'
import { labels, liveApi, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { pods, type Pod } from './kubernetes/api.ts'
import { startOperator, type Operator } from './operator.ts'
import {
  FakeKubelet,
  broadcastBody,
  connectEncoder,
  eventually,
  makeIngestPod,
  makeNamespace,
  reportStream,
  startTestCluster,
  testLog,
  testTemplate,
  type TestCluster,
} from './testing/cluster.ts'
import { FaultyApi, type CrashPoint, type WatchFault } from './testing/faulty-api.ts'

/** Most of a world's time is waiting. */
const parallelWorlds = 6

let cluster: TestCluster
let worlds = 0
before(async () => {
  cluster = await startTestCluster()
})
after(() => cluster.stop())

/** One life of a broadcast, told by its user, its encoder and its stream; never by the operator. */
interface Scenario {
  pool?: { buffer: number }
  broadcasts: string[]
  play(world: World): Promise<void>
}

const scenarios: Record<string, Scenario> = {
  'a cold broadcast goes live and ends': {
    broadcasts: ['b-1'],
    async play(world) {
      await world.goLive('b-1')
      await world.end('b-1')
      await world.until(
        'b-1',
        'its Pod is gone',
        (one) => one.status?.phase === 'Ended' && one.status.podName === undefined,
      )
    },
  },
  'two broadcasts adopt warm Pods, one of which fails': {
    pool: { buffer: 2 },
    broadcasts: ['b-1', 'b-2'],
    async play(world) {
      await Promise.all([world.goLive('b-1'), world.goLive('b-2')])
      const first = await world.broadcast('b-1')
      await world.failPod(first.status?.podName)
      await world.until(
        'b-1',
        'another Pod',
        (one) => isTrue(one, 'Ready') && one.status?.podUID !== first.status?.podUID,
      )
    },
  },
  'a Pod leaves and another takes over': {
    broadcasts: ['b-1'],
    async play(world) {
      await world.goLive('b-1')
      const first = await world.broadcast('b-1')
      await cluster.api.delete(pods, { namespace: world.namespace, name: first.status?.podName ?? '' })
      await world.until(
        'b-1',
        'another Pod',
        (one) => isTrue(one, 'Ready') && one.status?.podUID !== first.status?.podUID,
      )
    },
  },
  'a live broadcast is deleted': {
    pool: { buffer: 1 },
    broadcasts: ['b-1'],
    async play(world) {
      await world.goLive('b-1')
      await cluster.api.delete(broadcasts, { namespace: world.namespace, name: 'b-1' })
      await reportStream(cluster.api, world.namespace, 'b-1', 'ended').catch(ifGone)
      await eventually('it is gone', async () => ((await world.find('b-1')) === undefined ? true : undefined))
    },
  },
}

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`${name}: dying before or after any write changes nothing in the end`, async () => {
    const undisturbed = await run(scenario)
    assert.ok(undisturbed.writes >= 4)
    const points: CrashPoint[] = Array.from({ length: undisturbed.writes }, (_, index) => index + 1).flatMap((at) => [
      { at, when: 'before' as const },
      { at, when: 'after' as const },
    ])
    let died = 0
    const next = async (): Promise<void> => {
      for (let crash = points.shift(); crash; crash = points.shift()) {
        const disturbed = await run(scenario, { crash, expected: undisturbed.state })
        assert.deepEqual(disturbed.state, undisturbed.state, `crash ${crash.when} write ${crash.at}`)
        if (disturbed.died) died += 1
      }
    }
    await Promise.all(Array.from({ length: parallelWorlds }, next))
    // How many writes a run has depends on what meets in one status; the last points may lie behind its end.
    assert.ok(died >= undisturbed.writes, `${died} deaths at ${undisturbed.writes} writes`)
  })

  for (const watchFault of ['drop', 'duplicate', 'delay', 'stale'] as const) {
    test(`${name}: the same with its watches under "${watchFault}"`, async () => {
      const undisturbed = await run(scenario)
      const disturbed = await run(scenario, { watchFault, expected: undisturbed.state })
      assert.deepEqual(disturbed.state, undisturbed.state)
    })
  }
}

const isTrue = (broadcast: Broadcast, type: string) =>
  broadcast.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
function ifGone(error: unknown): void {
  if (!isNotFound(error)) throw error
}

class World {
  readonly namespace: string
  #kubelet: FakeKubelet
  constructor(namespace: string, kubelet: FakeKubelet) {
    this.namespace = namespace
    this.#kubelet = kubelet
  }

  broadcast(name: string): Promise<Broadcast> {
    return cluster.api.get(broadcasts, { namespace: this.namespace, name })
  }

  async find(name: string): Promise<Broadcast | undefined> {
    try {
      return await this.broadcast(name)
    } catch (error) {
      ifGone(error)
      return undefined
    }
  }

  async until(name: string, what: string, is: (one: Broadcast) => boolean): Promise<Broadcast> {
    let last: Broadcast | undefined
    const look = async () => {
      last = await this.broadcast(name)
      return is(last) ? last : undefined
    }
    return eventually(`${name}: ${what}`, look, { state: () => last })
  }

  async goLive(name: string): Promise<void> {
    await cluster.api.create(broadcasts, { namespace: this.namespace }, broadcastBody(this.namespace, name))
    await connectEncoder(cluster.api, this.namespace, name)
    await this.until(name, 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
    await reportStream(cluster.api, this.namespace, name, 'playing')
    await this.until(name, 'it is Ready', (one) => isTrue(one, 'Ready'))
  }

  async end(name: string): Promise<void> {
    await cluster.api.patch(
      broadcasts,
      { namespace: this.namespace, name },
      { type: 'merge', body: { spec: { state: 'Ended' } } },
    )
    await reportStream(cluster.api, this.namespace, name, 'ended')
  }

  async failPod(name: string | undefined): Promise<void> {
    await this.#kubelet.fail(await cluster.api.get(pods, { namespace: this.namespace, name: name ?? '' }))
  }

  streamPods(): Pod[] {
    return this.#kubelet.pods.filter(({ metadata }) => metadata.labels[labels.component] === 'stream')
  }

  /** What must be the same whatever happened on the way: no names, no times. */
  async state(names: readonly string[]): Promise<object> {
    const all = await Promise.all(names.map((name) => this.find(name)))
    const named = new Set(all.map((one) => one?.status?.podUID).filter((uid) => uid !== undefined))
    return {
      broadcasts: all.map((one) =>
        one === undefined
          ? 'gone'
          : {
              phase: one.status?.phase,
              hasPod: one.status?.podUID !== undefined,
              finalizers: one.metadata.finalizers,
              conditions: one.status?.conditions
                ?.map(({ type, status, reason }) => `${type}=${status}/${reason}`)
                .sort(),
            },
      ),
      differentPods: named.size,
      live: this.streamPods().filter(({ metadata }) => metadata.labels[labels.broadcast] !== undefined).length,
      orphans: this.streamPods().filter(
        ({ metadata }) => metadata.labels[labels.broadcast] !== undefined && !named.has(metadata.uid),
      ).length,
      warm: this.streamPods().filter(
        ({ metadata, status }) => metadata.labels[labels.broadcast] === undefined && status.podIP,
      ).length,
    }
  }
}

async function run(
  scenario: Scenario,
  fault: { crash?: CrashPoint; watchFault?: WatchFault; expected?: object } = {},
): Promise<{ state: object; writes: number; died: boolean }> {
  const { api, server } = cluster
  worlds += 1
  const namespace = await makeNamespace(api, `world-${worlds}`)
  const kubelet = new FakeKubelet(api, namespace)
  await makeIngestPod(api, namespace)
  if (scenario.pool) {
    const spec = { min: 0, max: 10, refillPerSecond: 100, ...scenario.pool }
    const body = { apiVersion: liveApi.apiVersion, kind: 'MediaPool', metadata: { name: 'default', namespace }, spec }
    await api.create(mediaPools, { namespace }, body)
  }
  const operators: Operator[] = []
  const connections: FaultyApi[] = []
  const successors: Promise<void>[] = []
  let isOver = false
  const begin = async (crash?: CrashPoint) => {
    // The dead process's Lease is not waited for: election has tests of its own.
    const connection = await FaultyApi.connect(server.kubeconfigPath, crash, () => void successors.push(begin()))
    if (isOver) return connection.close() // its predecessor died while it was being stopped
    connection.watchFault = fault.watchFault
    connections.push(connection)
    operators.push(
      startOperator({
        api: connection,
        namespace,
        podName: `operator-${operators.length}`,
        leaseName: `operator-${operators.length}`,
        leaseSeconds: 30, // a slow machine must not change leaders in between
        template: testTemplate,
        publicHttpUrl: 'http://127.0.0.1:8080',
        lingerMs: 0,
        workers: 4,
        registry: new Registry(),
        log: testLog(),
      }),
    )
  }
  await begin(fault.crash)
  try {
    const world = new World(namespace, kubelet)
    // The faults last for the first part of the scenario; what follows must make up for them.
    const healing = setTimeout(() => connections.forEach((one) => one.heal()), 1_500)
    await scenario.play(world)
    clearTimeout(healing)
    connections.forEach((one) => one.heal())
    await eventually('an operator leads', () => (operators.at(-1)?.isLeading() ? true : undefined))
    const expected = fault.expected && JSON.stringify(fault.expected)
    if (expected !== undefined) {
      let last = ''
      const look = async () => {
        last = JSON.stringify(await world.state(scenario.broadcasts))
        return last === expected ? true : undefined
      }
      const crash = JSON.stringify(fault.crash ?? fault.watchFault)
      await eventually(`the state after ${crash} is ${expected}`, look, { state: () => last })
    }
    // Equal for a moment is not enough: it must stay so.
    const writes = await settled(world, scenario, connections)
    return { state: await world.state(scenario.broadcasts), writes, died: connections[0]?.isDead ?? false }
  } finally {
    isOver = true
    await Promise.all(successors)
    await Promise.all(operators.map((one) => one.stop()))
    connections.forEach((one) => one.close())
    await kubelet.stop()
  }
}

// Quiet: the state has stayed the same, and nothing was written, for a while. How often it was looked at counts, too: while the
// apiserver stands still a look takes as long, and what it has to tell comes after it.
async function settled(world: World, scenario: Scenario, connections: readonly FaultyApi[]): Promise<number> {
  const look = async () => JSON.stringify([await world.state(scenario.broadcasts), count(connections)])
  let last = await look()
  let sameSince = performance.now()
  let looks = 0
  return eventually(
    'nothing changes any more',
    async () => {
      const now = await look()
      looks += 1
      if (now !== last) {
        last = now
        sameSince = performance.now()
        looks = 0
      }
      const warm = world
        .streamPods()
        .filter(({ metadata, status }) => metadata.labels[labels.broadcast] === undefined && status.podIP)
      const full = warm.length === (scenario.pool?.buffer ?? 0)
      return full && looks >= 10 && performance.now() - sameSince > 400 ? count(connections) : undefined
    },
    { state: () => last },
  )
}

const count = (connections: readonly FaultyApi[]) => connections.reduce((sum, { writes }) => sum + writes.length, 0)
