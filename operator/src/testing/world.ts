/** One namespace with an operator, a stand-in for kubelet, an ingest Pod and, if asked for, a pool. */
import { Registry } from 'prom-client'
import { labels, type Broadcast, type Condition } from '@mytaek1/contracts/broadcast-resource.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { pods, type Pod } from '../kubernetes/api.ts'
import { startOperator, type Operator, type OperatorOptions } from '../operator.ts'
import { isWarm } from '../stream-pod/state.ts'
import {
  FakeKubelet,
  broadcastBody,
  connectEncoder,
  eventually,
  listPods,
  makeIngestPod,
  makeNamespace,
  reportStream,
  testLog,
  testTemplate,
  type TestCluster,
} from './cluster.ts'

export interface World {
  namespace: string
  kubelet: FakeKubelet
  operator: Operator
  /** Another process: the one before is stopped first. */
  restart: (options?: Partial<OperatorOptions>) => Promise<Operator>
  /** Those that the apiserver has. */
  streamPods: () => Promise<Pod[]>
  /** Waits until the operator sees so many warm Pods that answer: an encoder that comes now is given one of them. */
  untilWarm: (count: number) => Promise<Pod[]>
  create: (name: string, spec?: Record<string, unknown>) => Promise<Broadcast>
  until: (name: string, what: string, is: (broadcast: Broadcast) => boolean) => Promise<Broadcast>
  /** Opened, connected, a Pod assigned, playing and Ready. */
  goLive: (name: string) => Promise<Broadcast>
  /** Reasons of the Events told of an object. */
  events: (name: string) => Promise<string[]>
}

/** Makes one, gone with the test. */
export async function startWorld(
  t: { after(fn: () => Promise<void>): void },
  cluster: TestCluster,
  namespace: string,
  pool?: object,
  options: Partial<OperatorOptions> = {},
): Promise<World> {
  const { api } = cluster
  await makeNamespace(api, namespace)
  const kubelet = new FakeKubelet(api, namespace)
  await makeIngestPod(api, namespace)
  if (pool) {
    const { apiVersion, kind } = mediaPools
    await api.create(
      mediaPools,
      { namespace },
      { apiVersion, kind, metadata: { name: 'default', namespace }, spec: pool },
    )
  }
  const until: World['until'] = (name, what, is) => {
    let last: Broadcast | undefined
    const look = async () => {
      last = await api.get(broadcasts, { namespace, name })
      return is(last) ? last : undefined
    }
    return eventually(`${name}: ${what}`, look, { state: () => last })
  }
  const create: World['create'] = (name, spec) =>
    api.create(broadcasts, { namespace }, broadcastBody(namespace, name, spec))
  const world: World = {
    namespace,
    kubelet,
    operator: startTestOperator(cluster, namespace, options),
    async restart(changed = {}) {
      await world.operator.stop()
      world.operator = startTestOperator(cluster, namespace, { ...options, ...changed })
      return world.operator
    },
    streamPods: () => listPods(api, namespace, `${labels.component}=stream`),
    untilWarm(count) {
      const warm = () => [...world.operator.caches.pods.store.values()].filter(isWarm)
      const look = () => (world.operator.isLeading() && warm().length === count ? warm() : undefined)
      return eventually(`${count} Pods are warm`, look, { state: warm })
    },
    create,
    until,
    async goLive(name) {
      await create(name)
      await connectEncoder(api, namespace, name)
      await until(name, 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
      await reportStream(api, namespace, name, 'playing')
      return until(name, 'it is Ready', (one) => isTrue(one, 'Ready'))
    },
    async events(name) {
      const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`
      const { items } = (await api.call({ method: 'GET', path })) as {
        items: { reason: string; regarding: { name: string } }[]
      }
      return items.filter(({ regarding }) => regarding.name === name).map(({ reason }) => reason)
    },
  }
  t.after(async () => {
    await world.operator.stop()
    await kubelet.stop()
  })
  return world
}

/** An operator in this process. */
export const startTestOperator = (
  { api }: TestCluster,
  namespace: string,
  options: Partial<OperatorOptions> = {},
): Operator =>
  startOperator({
    api,
    namespace,
    podName: 'operator-0',
    leaseName: 'operator',
    leaseSeconds: 30, // a slow machine must not change leaders in between
    template: testTemplate,
    publicHttpUrl: 'http://127.0.0.1:8080',
    lingerMs: 30_000,
    workers: 8,
    registry: new Registry(),
    log: testLog(),
    ...options,
  })

export const condition = (broadcast: Broadcast, type: string): Condition | undefined =>
  broadcast.status?.conditions?.find((one) => one.type === type)
export const isTrue = (broadcast: Broadcast, type: string): boolean => condition(broadcast, type)?.status === 'True'

/** What kubelet says of a Pod whose image it cannot pull. */
export async function failPull({ api }: TestCluster, pod: Pod): Promise<void> {
  const { namespace, name } = pod.metadata
  const image = 'media:typo'
  const waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` }
  const containerStatuses = [{ name: 'stream', image, imageID: '', ready: false, restartCount: 0, state: { waiting } }]
  const body = { status: { phase: 'Pending', containerStatuses, conditions: [{ type: 'Ready', status: 'False' }] } }
  await api.patch(pods, { namespace, name, subresource: 'status' }, { type: 'strategic', body })
}
