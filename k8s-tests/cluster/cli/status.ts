import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { ownCgroups } from '../node/cgroups.ts'
import { networkFor } from '../node/network.ts'
import type { Paths } from '../host/paths.ts'
import { isAlive } from '../host/processes.ts'
import { releaseName } from '../install/own-release.ts'
import { publicUrls } from '../install/release.ts'
import { run, tryRun } from '../host/run.ts'
import { kubeconfigOf, readState } from '../node/state.ts'

const mebibyte = 1024 ** 2

/** The idle memory that the platform promises to stay under, control plane not counted. */
const memoryBudgetBytes = 2 * 1024 ** 3

/** Bytes of a Kubernetes quantity as metrics-server writes them: `12345Ki`, `12Mi`, `123`. */
export function bytesOf(quantity: string): number {
  const match = /^(\d+)(Ki|Mi|Gi)?$/.exec(quantity)
  if (match === null) throw new Error(`not a memory quantity: ${quantity}`)
  const unit = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 }[match[2] ?? ''] ?? 1
  return Number(match[1]) * unit
}

/** The memory of each Pod in a PodMetricsList, largest first. */
export function podMemory(list: unknown): { pod: string; bytes: number }[] {
  const { items } = list as { items: { metadata: { name: string }; containers: { usage: { memory: string } }[] }[] }
  return items
    .map(({ metadata, containers }) => ({
      pod: metadata.name,
      bytes: containers.reduce((sum, one) => sum + bytesOf(one.usage.memory), 0),
    }))
    .toSorted((a, b) => b.bytes - a.bytes)
}

/**
 * Tells what runs, where, and the addresses.
 *
 * @returns lines for people, and whether the cluster runs.
 */
export async function clusterStatus(paths: Paths): Promise<{ isRunning: boolean; lines: string[] }> {
  const state = await readState(paths)
  if (state === undefined)
    return { isRunning: false, lines: ['No cluster of this checkout runs. `make up` starts one.'] }
  if (!(await isAlive(state.node)) || state.node === undefined) {
    return {
      isRunning: false,
      lines: [
        'The cluster of this checkout was killed. `make up` cleans up and starts afresh, `make down` only cleans up.',
      ],
    }
  }
  const kubeconfig = kubeconfigOf(paths)
  const kubectl = (...args: string[]): Promise<string | undefined> =>
    tryRun(state.kube, ['kubectl', '--kubeconfig', kubeconfig, ...args], { timeoutMs: 20_000 })
  const urls = publicUrls(state.ports)
  const network = networkFor(state.slot)
  const lines = [
    `Cluster      embedded, PID ${state.node.pid}, since ${state.startedAt}; state in ${paths.state}`,
    `API          https://${network.nodeAddress}:6443, kubeconfig ${kubeconfig}`,
    `kubectl      ${path.join(paths.cache, 'bin', 'kubectl')}`,
    `Storefront   ${urls.http} and ${urls.https}`,
    `RTMP         ${urls.rtmp} and ${urls.rtmps}`,
    `Doors        ${(await isAlive(state.doorkeeper)) ? `open, PID ${state.doorkeeper?.pid}` : 'CLOSED: the doorkeeper ended, `make up` starts it again'}`,
    `Control      ${await controlPlaneMemory(paths)}`,
  ]
  const addresses =
    (await kubectl(
      'get',
      'services',
      '-A',
      '-o',
      'jsonpath={range .items[?(@.spec.type=="LoadBalancer")]}{.metadata.namespace}/{.metadata.name}={.status.loadBalancer.ingress[0].ip} {end}',
    )) ?? 'the API does not answer'
  lines.push(`Balancers    ${addresses.trim()}`)
  const pods = await kubectl('get', 'pods', '-A', '-o', 'wide')
  if (pods)
    lines.push(
      '',
      ...pods
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/\s+<none>\s+<none>\s*$/, '')),
    )
  lines.push('', ...(await memoryLines(kubectl)))
  return { isRunning: true, lines }
}

async function memoryLines(kubectl: (...args: string[]) => Promise<string | undefined>): Promise<string[]> {
  const text = await kubectl('get', '--raw', `/apis/metrics.k8s.io/v1beta1/namespaces/${releaseName}/pods`)
  if (text === undefined) return ['Memory       metrics are not served yet']
  const pods = podMemory(JSON.parse(text))
  const total = pods.reduce((sum, { bytes }) => sum + bytes, 0)
  const verdict = total <= memoryBudgetBytes ? 'within' : 'OVER'
  return [
    ...pods.map(({ pod, bytes }) => `  ${String(Math.round(bytes / mebibyte)).padStart(5)} MiB  ${pod}`),
    `Memory       ${Math.round(total / mebibyte)} MiB working set of ${pods.length} Pods without the control plane, ${verdict} the ${memoryBudgetBytes / mebibyte} MiB of an idle platform`,
  ]
}

/** Resident memory of the control plane: what its processes hold, not the page cache of images they imported. */
async function controlPlaneMemory(paths: Paths): Promise<string> {
  let bytes = 0
  let count = 0
  for (const cgroup of await ownCgroups(paths.checkoutKey)) {
    if (!(await readdir(cgroup)).includes('node')) continue
    for (const pid of (await readFile(path.join(cgroup, 'node', 'cgroup.procs'), 'utf8')).split('\n').filter(Boolean)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      bytes += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024
      count += 1
    }
  }
  return `${Math.round(bytes / mebibyte)} MiB resident in ${count} processes (${(await run('uname', ['-r'])).trim()})`
}
