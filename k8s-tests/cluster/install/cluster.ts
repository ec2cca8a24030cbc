import { spawn } from 'node:child_process'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { applyAddons, waitForAddons } from './addons/apply.ts'
import { ensureToolsAndImages } from '../build/base-images.ts'
import { ownCgroups } from '../node/cgroups.ts'
import { importImage } from '../node/containerd.ts'
import type { DoorkeeperTask } from '../doors/doorkeeper.ts'
import { assertDoorsFree } from '../doors/forward.ts'
import { claimSlot, networkFor, releaseSlot } from '../node/network.ts'
import { startNode, stopNode, waitForNode } from '../node/node.ts'
import type { Paths } from '../host/paths.ts'
import { endProcess, identify, isAlive, type ProcessIdentity } from '../host/processes.ts'
import { say, step } from '../host/progress.ts'
import { tryRun } from '../host/run.ts'
import type { Ports } from '../host/settings.ts'
import { type ClusterState, kubeconfigOf, readState, writeState } from '../node/state.ts'
import { toolPath } from '../build/tools.ts'

/** A cluster that runs. */
export type RunningCluster = {
  kube: string
  helm: string
  kubeconfig: string
  node: ProcessIdentity
  state: ClusterState
}

/**
 * Brings this checkout's cluster up: goes on with a running one, cleans up after one that was killed, boots else.
 * When it returns, the node and every addon are Ready.
 *
 * @param build makes the programs and images that the cache lacks.
 */
export async function ensureCluster(
  paths: Paths,
  ports: Ports,
  build: (cache: string) => ReturnType<typeof ensureToolsAndImages> = (cache) => ensureToolsAndImages(cache),
): Promise<RunningCluster> {
  const old = await readState(paths)
  const kube = await toolPath(paths.cache, 'kube')
  const isUsable = old?.kube === kube && (await isAlive(old.node))
  const heldPorts = (await isAlive(old?.doorkeeper)) ? old?.ports : undefined
  const hasDoors = isUsable && JSON.stringify(heldPorts) === JSON.stringify(ports)
  // Before anything is built or ended: a taken port is told now, not in twenty minutes.
  if (!hasDoors) await assertDoorsFree(ports, Object.values(heldPorts ?? {}))
  if (old !== undefined && !isUsable) await downCluster(paths, await reasonToRestart(old))
  if (old === undefined) await removeLeftovers(paths)
  const { places, images } = await build(paths.cache)
  const state = isUsable && old ? old : await bootNode(paths, ports, places.kube)
  const { node } = state
  if (node === undefined) throw new Error('the cluster has no node')
  const cluster = { kube: places.kube, helm: places.helm, kubeconfig: kubeconfigOf(paths), node, state }
  await step('waiting for the node', () => waitForNode({ paths, node, kube: places.kube, deadlineMs: 300_000 }))
  await step('importing images', async (note) => {
    for (const image of images) {
      note(image.name)
      await importImage({
        node,
        imageStore: paths.imageStore,
        name: image.name,
        key: image.key,
        archive: () => Promise.resolve(image.archive),
      })
    }
  })
  if (!hasDoors) {
    await endProcess(state.doorkeeper, 3_000)
    state.ports = ports
    state.doorkeeper = await startDoorkeeper(paths, {
      kubeconfig: cluster.kubeconfig,
      ports,
      addresses: networkFor(state.slot).loadBalancerAddresses,
    })
    await writeState(paths, state)
  }
  await step('addons: DNS, volumes, ingress, metrics', async (note) => {
    await applyAddons({ kube: places.kube, kubeconfig: cluster.kubeconfig, volumes: path.join(paths.state, 'volumes') })
    await waitForAddons({ kube: places.kube, kubeconfig: cluster.kubeconfig, note })
  })
  return cluster
}

/**
 * Ends everything that belongs to this checkout's cluster and removes its state; caches and imported images stay.
 * Doing it twice, or without a cluster, is no error.
 *
 * @param reason told to the user when there was something to end.
 */
export async function downCluster(paths: Paths, reason?: string): Promise<void> {
  const state = await readState(paths)
  if (reason) say(`  ${reason}`)
  if (state) await endProcess(state.doorkeeper, 3_000)
  await removeLeftovers(paths, state?.node)
  await rm(paths.state, { recursive: true, force: true, maxRetries: 5 })
  await releaseSlot(paths.cache, paths.checkoutKey)
}

async function reasonToRestart(state: ClusterState): Promise<string> {
  return (await isAlive(state.node))
    ? 'the running cluster was made by another toolchain: starting afresh'
    : 'the last cluster of this checkout was killed: removing what it left, starting afresh'
}

/** Clears the interface, cgroups and any process of a cluster, also when no state tells of it any more. */
async function removeLeftovers(paths: Paths, node?: ProcessIdentity): Promise<void> {
  const network = networkFor(await claimSlot(paths.cache, paths.checkoutKey))
  await endProcess(node, 0)
  for (const cgroup of await ownCgroups(paths.checkoutKey)) {
    // Whoever lives in the cgroup of this checkout's name was started by this tool.
    for (const pid of await processesIn(cgroup)) await endProcess(await identify(pid), 0)
  }
  await stopNode({ paths, network, node })
}

async function processesIn(cgroup: string): Promise<number[]> {
  const text = (await tryRun('find', [cgroup, '-name', 'cgroup.procs', '-exec', 'cat', '{}', '+'])) ?? ''
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0)
}

async function bootNode(paths: Paths, ports: Ports, kube: string): Promise<ClusterState> {
  return await step('starting the node', async () => {
    await rm(paths.state, { recursive: true, force: true })
    await mkdir(paths.state, { recursive: true, mode: 0o700 })
    const slot = await claimSlot(paths.cache, paths.checkoutKey)
    const state: ClusterState = { slot, startedAt: new Date().toISOString(), kube, ports }
    await writeState(paths, state)
    state.node = await startNode({ paths, network: networkFor(slot), kube })
    await writeState(paths, state)
    return state
  })
}

async function startDoorkeeper(paths: Paths, task: DoorkeeperTask): Promise<ProcessIdentity> {
  const logFile = path.join(paths.state, 'log', 'doorkeeper.log')
  const log = await open(logFile, 'a')
  const program = path.join(import.meta.dirname, '../doors/doorkeeper.ts')
  const child = spawn(process.execPath, [program, JSON.stringify(task)], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: '/',
  })
  child.unref()
  await log.close()
  const identity = child.pid === undefined ? undefined : await identify(child.pid)
  for (let attempt = 0; attempt < 100; attempt++) {
    if (identity !== undefined && (await readFile(logFile, 'utf8')).includes('doors.open')) return identity
    if (!(await isAlive(identity))) break
    await sleep(100)
  }
  throw new Error(`the doorkeeper did not start: ${(await readFile(logFile, 'utf8')).trim()}`)
}
