/** A real apiserver with the chart's CRDs for tests, and the parts of a cluster it lacks: a kubelet and a stream process. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { startLocalApiserver, type LocalApiserver } from '../../../k8s-tests/cluster/node/local-apiserver.ts'
import { labels, liveApi, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isNotFound, isUnavailable } from '@mytaek1/platform/kubernetes/error.ts'
import { startReflector, type Reflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts, parseBare, pathOf } from '@mytaek1/platform/kubernetes/resource.ts'
import { createLogger, type Logger } from '@mytaek1/platform/logger.ts'
import { connectPatiently } from '@mytaek1/platform/testing/patient-api.ts'
import { pods, type Pod } from '../kubernetes/api.ts'

const crdFolder = path.resolve(import.meta.dirname, '../../../charts/mytaek1/templates/crds')

/** Logs of the tests: warnings are expected in a world of faults, so nothing unless `TEST_LOG_LEVEL` says so. */
export const testLog = (): Logger =>
  createLogger(
    { service: 'test', level: 'debug' },
    { write: (line) => void (process.env['TEST_LOG'] && process.stderr.write(line)) },
  )

export interface TestCluster {
  server: LocalApiserver
  api: KubernetesApi
  stop(): Promise<void>
}

/** Starts etcd and kube-apiserver and installs the Broadcast and MediaPool definitions. */
export async function startTestCluster(options: { apiserverArgs?: readonly string[] } = {}): Promise<TestCluster> {
  const server = await startLocalApiserver(options)
  try {
    const api = await connectPatiently({ kubeconfig: server.kubeconfigPath })
    for (const file of ['broadcasts.yaml', 'mediapools.yaml']) await installCrd(api, path.join(crdFolder, file))
    return {
      server,
      api,
      stop: async () => {
        api.close()
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Makes a namespace of its own for one test. */
export async function makeNamespace(api: KubernetesApi, name: string): Promise<string> {
  await api.call({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  })
  return name
}

const podList = z.object({ items: z.array(z.unknown()) })

/** The Pods that the apiserver has at this moment; whoever follows them by a watch, tests too, is behind it or ahead of others. */
export async function listPods(api: KubernetesApi, namespace: string, labelSelector?: string): Promise<Pod[]> {
  const answer = await api.call({ method: 'GET', path: pathOf(pods, { namespace }), query: { labelSelector } })
  return podList.parse(answer).items.map((item) => parseBare(pods, item))
}

/** Asks until `look` answers something else than undefined. @throws {Error} with `what` and the last state seen */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  options: { deadlineMs?: number; state?: () => unknown } = {},
): Promise<T> {
  const deadline = performance.now() + (options.deadlineMs ?? 180_000)
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline)
      throw new Error(`never happened: ${what}; last: ${JSON.stringify(options.state?.())}`)
    await wait(20)
  }
}

// The chart's templates use Helm only around the object and for labels; the rest is plain YAML.
async function installCrd(api: KubernetesApi, file: string): Promise<void> {
  const plain = (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => !/^\s*\{\{/.test(line))
    .join('\n')
  const [document] = parseAllDocuments(plain)
  const body = document?.toJS() as { metadata: { name: string; labels: unknown } }
  body.metadata.labels = {}
  const root = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  await api.call({ method: 'POST', path: root, body })
  await eventually(`${body.metadata.name} is served`, async () => {
    const plural = body.metadata.name.split('.')[0]
    try {
      return await api.call({ method: 'GET', path: `/apis/${liveApi.apiVersion}/${plural}` })
    } catch (error) {
      if (isNotFound(error) || isUnavailable(error)) return undefined // its storage is being set up
      throw error
    }
  })
}

/** Plays kubelet for a namespace: Pods become Ready, deleted ones go away. Nothing real runs. */
export class FakeKubelet {
  #api: KubernetesApi
  #reflector: Reflector<Pod>
  #count = 0
  #pending = new Set<Promise<void>>()
  #stop = new AbortController()
  /** False: Pods stay as they are (a node that hangs). */
  isUp = true
  /** Called instead of making a new Pod ready: nothing of its own happens to it. */
  onNewPod: ((pod: Pod) => Promise<void>) | undefined

  constructor(api: KubernetesApi, namespace: string) {
    this.#api = api
    const track = (pod: Pod) => {
      const work = this.#follow(pod)
      this.#pending.add(work)
      void work.finally(() => this.#pending.delete(work)) // never rejects
    }
    this.#reflector = startReflector({ api, resource: pods, namespace, log: testLog(), onChange: track })
  }

  get pods(): Pod[] {
    return [...this.#reflector.store.values()]
  }

  /** Lets a Pod fail, as a process that crashed. */
  async fail(pod: Pod): Promise<void> {
    await this.#status(pod, { phase: 'Failed', conditions: [{ type: 'Ready', status: 'False' }] })
  }

  /** Changes nothing but that the Pod changed. */
  async touch({ metadata: { namespace, name } }: Pod): Promise<void> {
    const body = { metadata: { annotations: { touched: 'true' } } }
    await this.#api.patch(pods, { namespace, name }, { type: 'merge', body })
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#reflector.stop()
    await Promise.all(this.#pending)
  }

  // A lost race is repeated by the next event; what had no answer has none, and is done again as a kubelet would.
  async #follow(pod: Pod): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        return await this.#step(pod)
      } catch (error) {
        if (!isUnavailable(error)) return
        await wait(100, undefined, { signal }).catch(() => undefined) // stopped: the loop ends
      }
    }
  }

  async #step(pod: Pod): Promise<void> {
    if (!this.isUp) return
    const { namespace, name, uid, deletionTimestamp } = pod.metadata
    if (deletionTimestamp !== undefined) {
      await this.#api.delete(pods, { namespace, name }, { uid, gracePeriodSeconds: 0 })
    } else if (pod.status.podIP === undefined && this.onNewPod) {
      if (pod.status.containerStatuses === undefined) await this.onNewPod(pod)
    } else if (pod.status.podIP === undefined) {
      this.#count += 1
      const podIP = `10.1.${Math.floor(this.#count / 250) % 250}.${(this.#count % 250) + 1}`
      await this.#status(pod, {
        phase: 'Running',
        podIP,
        podIPs: [{ ip: podIP }],
        conditions: [{ type: 'Ready', status: 'True' }],
      })
    }
  }

  async #status(pod: Pod, status: object): Promise<void> {
    const { namespace, name } = pod.metadata
    await this.#api.patch(pods, { namespace, name, subresource: 'status' }, { type: 'strategic', body: { status } })
  }
}

/** The hash of a key of its own. */
export const keyHashOf = (name: string) => createHash('sha256').update(name).digest('hex')

/** Makes an Open Broadcast of a key hash. */
export function broadcastBody(namespace: string, name: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: liveApi.apiVersion,
    kind: 'Broadcast',
    metadata: { name, namespace },
    spec: { title: 'Autumn coats', seller: 'ann', streamKey: { sha256: keyHashOf(name) }, ...spec },
  }
}

/** Records an encoder as ingest does. */
export async function connectEncoder(
  api: KubernetesApi,
  namespace: string,
  name: string,
  publisher: object = {},
): Promise<Broadcast> {
  const status = {
    publisher: { sessionId: 's-1', ingestPod: 'ingest-0', connectedAt: new Date().toISOString(), ...publisher },
  }
  return api.patch(broadcasts, { namespace, name, subresource: 'status' }, { type: 'merge', body: { status } })
}

/** Reports what the stream Pod reports. */
export async function reportStream(
  api: KubernetesApi,
  namespace: string,
  name: string,
  state: 'playing' | 'interrupted' | 'ended',
): Promise<Broadcast> {
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z/, 'Z')
  const reason = { playing: 'Playing', interrupted: 'Interrupted', ended: 'Ended' }[state]
  const conditions = [
    { type: 'Publishing', status: state === 'playing' ? 'True' : 'False', reason, lastTransitionTime },
    { type: 'Playable', status: 'True', reason: 'HasSegments', lastTransitionTime },
  ]
  const body = { apiVersion: liveApi.apiVersion, kind: 'Broadcast', metadata: { name }, status: { conditions } }
  const patch = { type: 'apply', fieldManager: 'stream', force: true, body } as const
  return api.patch(broadcasts, { namespace, name, subresource: 'status' }, patch)
}

/** The ingest Pod that encoders of the tests are on. */
export async function makeIngestPod(api: KubernetesApi, namespace: string, name = 'ingest-0'): Promise<Pod> {
  return api.create(
    pods,
    { namespace },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { [labels.name]: 'mytaek1', [labels.component]: 'ingest' } },
      spec: { schedulerName: 'nobody', containers: [{ name: 'ingest', image: 'media' }] },
    },
  )
}

/** A stream Pod's template with every field the operator looks at. */
export const testTemplate = {
  metadata: { labels: { 'app.kubernetes.io/instance': 'mytaek1' }, annotations: {} },
  spec: {
    terminationGracePeriodSeconds: 30,
    initContainers: [
      {
        name: 'transcoder',
        image: 'media',
        restartPolicy: 'Always',
        resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { memory: '512Mi' } },
      },
    ],
    containers: [
      {
        name: 'stream',
        image: 'media',
        resources: { requests: { cpu: '500m', memory: '128Mi' }, limits: { memory: '512Mi' } },
      },
    ],
  },
}
