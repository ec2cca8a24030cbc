/** Where the figures are taken: the cluster with its real Pods, or an apiserver of our own with a stand-in for kubelet. */
import { randomBytes } from 'node:crypto'
import { access, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { labels, liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import { connectKubernetes, type KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { startReflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { pathsFor } from '../../k8s-tests/cluster/host/paths.ts'
import { kubeconfigOf, readState } from '../../k8s-tests/cluster/node/state.ts'
import { pods, type Pod } from '../src/kubernetes/api.ts'
import { isWarm } from '../src/stream-pod/state.ts'
import { AuditLog } from '../src/testing/audit-log.ts'
import {
  FakeKubelet,
  eventually,
  makeIngestPod,
  makeNamespace,
  startTestCluster,
  testLog,
  testTemplate,
} from '../src/testing/cluster.ts'
import { compileOperator, startOperatorProcess, type OperatorProcess } from '../src/testing/operator-process.ts'
import { mountServiceAccount } from '../src/testing/service-account.ts'
import { Driver } from './driver.ts'

/** What Node takes for its old generation under the chart's memory limit of 512Mi. */
const heapLimit = '--max-old-space-size=256'
/** Most of what a stream Pod requests is for its ladder; fifty that only wait must fit one small node beside the platform. */
const waiting = { cpu: '5m', memory: '64Mi' }

/** One namespace, everything in it, and who keeps it. */
export interface Testbed {
  /** Where it is, in a line. */
  readonly where: string
  readonly hasRealPods: boolean
  readonly namespace: string
  readonly driver: Driver
  /** Starts an operator as the image does, with the chart's Role. */
  start(): OperatorProcess
  /** The stream Pods there are. */
  pods(): Pod[]
  untilWarm(count: number): Promise<void>
  /** Waits until so many are left at most: those that end have ended, and take no processor from what is measured next. */
  untilLeft(count: number): Promise<void>
  /** Makes the pool, or changes it. */
  setPool(spec: { buffer: number; max: number }): Promise<void>
  /** Counts the operators' writes since a time, with what the audit log says of each; undefined without a log. */
  writesSince: ((since: Date) => ReturnType<AuditLog['writesOf']>) | undefined
  /** Counts anybody's writes to one kind of object since a time. */
  writesTo: ((resource: string, since: Date) => ReturnType<AuditLog['writesTo']>) | undefined
  /** Removes all of it. */
  close(): Promise<void>
}

/** An apiserver of our own, shared by the testbeds on it. */
export async function startLocalCluster(folder: string) {
  const audit = await AuditLog.prepare(folder)
  const cluster = await startTestCluster({ apiserverArgs: audit.apiserverArgs })
  const template = path.join(folder, 'stream-pod.yaml')
  await writeFile(template, JSON.stringify(testTemplate))
  const testbed = async (namespace: string): Promise<Testbed> => {
    const { api, server } = cluster
    await makeNamespace(api, namespace)
    const kubelet = new FakeKubelet(api, namespace)
    return assemble({
      api,
      namespace,
      folder,
      where: 'an apiserver of its own, stand-in Pods',
      hasRealPods: false,
      cluster: server,
      template,
      audit,
      pool: { min: 0, refillPerSecond: 100 },
      close: () => kubelet.stop(),
    })
  }
  return { testbed, stop: () => cluster.stop() }
}

/**
 * A namespace on the cluster where the platform is installed, with the release's stream Pods (so their image is there):
 * KUBECONFIG's, or else this checkout's embedded one; undefined when there is none, or no platform on it.
 */
export async function clusterTestbed(folder: string): Promise<Testbed | undefined> {
  const paths = pathsFor(process.env)
  const embedded = (await readState(paths)) === undefined ? undefined : kubeconfigOf(paths)
  const kubeconfigPath = process.env['KUBECONFIG'] || embedded
  if (kubeconfigPath === undefined) return undefined
  const log = path.join(paths.state, 'log', 'audit.log')
  const hasLog =
    kubeconfigPath === embedded &&
    (await access(log)
      .then(() => true)
      .catch(() => false))
  const release = { name: process.env['RELEASE'] ?? 'mytaek1', namespace: process.env['NAMESPACE'] ?? 'mytaek1' }
  const api = await connectKubernetes({ kubeconfig: kubeconfigPath, userAgent: 'bench' })
  if (!(await isInstalled(api, release))) return undefined
  const namespace = await makeNamespace(api, `bench-${randomBytes(3).toString('hex')}`)
  const close = async () => {
    await removeNamespace(api, namespace)
    api.close()
  }
  try {
    const template = path.join(folder, `${namespace}.yaml`)
    await writeFile(template, JSON.stringify(await releaseTemplate(api, release, namespace)))
    return await assemble({
      api,
      namespace,
      folder,
      where: `the cluster at ${kubeconfigPath === embedded ? 'hand' : kubeconfigPath}, real Pods`,
      hasRealPods: true,
      cluster: { kubeconfigPath, folder },
      template,
      audit: hasLog ? AuditLog.of(log) : undefined,
      pool: {
        min: 0,
        refillPerSecond: 4,
        template: {
          spec: {
            containers: [{ name: 'stream', resources: { requests: waiting } }],
            initContainers: [{ name: 'transcoder', resources: { requests: waiting } }],
          },
        },
      },
      close,
    })
  } catch (error) {
    await close()
    throw error
  }
}

async function assemble(parts: {
  api: KubernetesApi
  namespace: string
  folder: string
  where: string
  hasRealPods: boolean
  cluster: { kubeconfigPath: string; folder: string }
  template: string
  audit: AuditLog | undefined
  pool: object
  close: () => Promise<void>
}): Promise<Testbed> {
  const { api, namespace, folder, where, hasRealPods, audit } = parts
  const account = await mountServiceAccount(parts.cluster, api, namespace)
  const compiled = path.join(folder, 'compiled')
  await compileOperator(compiled)
  await makeIngestPod(api, namespace)
  const processes: OperatorProcess[] = []
  const driver = new Driver(api, namespace)
  const labelSelector = `${labels.component}=stream`
  const followed = startReflector({ api, resource: pods, namespace, labelSelector, log: testLog() })
  const warm = () => [...followed.store.values()].filter(isWarm).length
  const username = `system:serviceaccount:${namespace}:operator`
  let hasPool = false
  return {
    where,
    hasRealPods,
    namespace,
    driver,
    start() {
      const one = startOperatorProcess({
        ...account,
        STREAM_TEMPLATE_FILE: parts.template,
        LINGER_SECONDS: '2',
        WARM_POOL_BUFFER: '0', // the bench makes its pool
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: compiled, // the image brings one
        NODE_OPTIONS: heapLimit,
        POD_NAME: `operator-${processes.length}`,
      })
      processes.push(one)
      return one
    },
    pods: () => [...followed.store.values()],
    async untilWarm(count) {
      const look = () => (warm() >= count ? true : undefined)
      await eventually(`${count} Pods are warm`, look, { deadlineMs: hasRealPods ? 600_000 : 120_000, state: warm })
    },
    async untilLeft(count) {
      const left = () => followed.store.size
      const look = () => (left() <= count ? true : undefined)
      await eventually(`${count} Pods are left`, look, { deadlineMs: hasRealPods ? 300_000 : 30_000, state: left })
    },
    async setPool(spec) {
      const metadata = { name: 'default', namespace }
      const body = { apiVersion: liveApi.apiVersion, kind: 'MediaPool', metadata, spec: { ...parts.pool, ...spec } }
      if (hasPool) await api.patch(mediaPools, metadata, { type: 'merge', body: { spec } })
      else await api.create(mediaPools, { namespace }, body)
      hasPool = true
    },
    writesSince: audit && ((since) => audit.writesOf(username, since)),
    writesTo: audit && ((resource, since) => audit.writesTo(namespace, resource, since)),
    async close() {
      await Promise.all(processes.map((one) => one.kill('SIGKILL')))
      await Promise.all([driver.stop(), followed.stop()])
      await parts.close()
    },
  }
}

// Nobody is left to take the finalizers off, or to give the streams of leaving Pods to others.
async function removeNamespace(api: KubernetesApi, namespace: string): Promise<void> {
  const all = `/apis/${liveApi.apiVersion}/namespaces/${namespace}/${liveApi.broadcasts}`
  const listShape = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) })
  for (const { metadata } of listShape.parse(await api.call({ method: 'GET', path: all })).items) {
    const patch = { type: 'merge', body: { metadata: { finalizers: [] } } } as const
    const address = { namespace, name: metadata.name }
    await api.patch(broadcasts, address, patch).catch(ifGone)
    await api.delete(broadcasts, address).catch(ifGone)
  }
  const place = `/api/v1/namespaces/${namespace}`
  await api.call({ method: 'DELETE', path: `${place}/pods`, query: { gracePeriodSeconds: 1 } })
  await api.call({ method: 'DELETE', path: place })
  const look = () =>
    api.call({ method: 'GET', path: place }).then(
      () => undefined,
      (error: unknown) => ifGone(error) ?? true,
    )
  await eventually(`${namespace} is gone`, look, { deadlineMs: 240_000 })
}

function ifGone(error: unknown): undefined {
  if (!isNotFound(error)) throw error
}

const templateOf = (release: { name: string; namespace: string }) =>
  `/api/v1/namespaces/${release.namespace}/configmaps/${release.name}-stream-template`

async function isInstalled(api: KubernetesApi, release: { name: string; namespace: string }): Promise<boolean> {
  const found = await api.call({ method: 'GET', path: templateOf(release) }).catch(ifGone)
  return found !== undefined
}

const configMapShape = z.object({ data: z.object({ 'pod.yaml': z.string() }) })
const roleShape = z.object({ rules: z.array(z.unknown()) })
const variableShape = z.looseObject({ name: z.string(), valueFrom: z.looseObject({}).optional() })
const containersShape = z.array(z.looseObject({ image: z.string(), env: z.array(variableShape).optional() }))
const templateShape = z.looseObject({
  spec: z.looseObject({ containers: containersShape, initContainers: containersShape.default([]) }),
})

// The release's template, with made-up values for its Secrets, and a ServiceAccount of the same rights.
async function releaseTemplate(
  api: KubernetesApi,
  release: { name: string; namespace: string },
  namespace: string,
): Promise<object> {
  const get = (where: string) => api.call({ method: 'GET', path: where })
  const post = (where: string, body: object) => api.call({ method: 'POST', path: where, body })
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces'
  const account = `${release.name}-stream`
  const { rules } = roleShape.parse(await get(`${rbac}/${release.namespace}/roles/${account}`))
  const metadata = { name: account, namespace }
  await post(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata })
  await post(`${rbac}/${namespace}/roles`, { metadata, rules })
  await post(`${rbac}/${namespace}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  })
  const { data } = configMapShape.parse(await get(templateOf(release)))
  const template = templateShape.parse(parse(data['pod.yaml']))
  for (const container of [...template.spec.initContainers, ...template.spec.containers]) {
    container.image = process.env['STREAM_IMAGE'] ?? container.image // one that the node has and that is not released yet
    container.env = container.env?.map((variable) =>
      variable.valueFrom && 'secretKeyRef' in variable.valueFrom
        ? { name: variable.name, value: 'not-used-here' }
        : variable,
    )
  }
  return template
}
