import { readdir, readFile, rmdir, stat, writeFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const mountPoint = '/sys/fs/cgroup'

/**
 * A cgroup weighs as much as one process by default, and all of a node would share that with, say, each tab of a browser
 * beside it. Ours weighs as much as this many, under v1's and v2's names.
 */
const nodeWeight = 10
const weights: Readonly<Record<string, string>> = {
  'cpu.shares': String(nodeWeight * 1_024),
  'cpu.weight': String(nodeWeight * 100),
}

/** The name of a cluster's own cgroup, in every hierarchy; the kubelet puts all Pods below it. */
export const cgroupName = (checkoutKey: string): string => `mytaek1-${checkoutKey}`

/** The root of each cgroup hierarchy: one on cgroup v2, one per controller on v1. */
export async function hierarchies(): Promise<string[]> {
  const isV2 = await stat(path.join(mountPoint, 'cgroup.controllers')).catch(() => undefined)
  if (isV2) return [mountPoint]
  const roots: string[] = []
  for (const name of await readdir(mountPoint)) {
    const root = path.join(mountPoint, name)
    if ((await stat(root)).isDirectory() && (await stat(path.join(root, 'cgroup.procs')).catch(() => undefined)))
      roots.push(root)
  }
  return roots
}

/** Makes the cluster's cgroup in every hierarchy: the kubelet refuses a root that does not exist. */
export async function makeCgroups(checkoutKey: string): Promise<void> {
  for (const root of await hierarchies()) {
    const controllers = await readFile(path.join(root, 'cgroup.controllers'), 'utf8').catch(() => undefined)
    if (controllers !== undefined) {
      for (const controller of controllers.trim().split(/\s+/).filter(Boolean)) {
        // A controller that cannot be delegated here is one the kubelet does not need.
        await writeFile(path.join(root, 'cgroup.subtree_control'), `+${controller}`).catch(() => {})
      }
    }
    const own = path.join(root, cgroupName(checkoutKey))
    await mkdir(own, { recursive: true })
    for (const [file, weight] of Object.entries(weights)) {
      const setting = path.join(own, file)
      if (await stat(setting).catch(() => undefined)) await writeFile(setting, weight)
    }
    if (root.endsWith('/cpuset')) {
      // A v1 cpuset starts empty and takes no process until it has processors and memory nodes.
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        await writeFile(path.join(own, file), await readFile(path.join(root, file), 'utf8'))
      }
    }
  }
}

/** The cluster's cgroups that exist now. */
export async function ownCgroups(checkoutKey: string): Promise<string[]> {
  const found: string[] = []
  for (const root of await hierarchies()) {
    const own = path.join(root, cgroupName(checkoutKey))
    if (await stat(own).catch(() => undefined)) found.push(own)
  }
  return found
}

/**
 * Removes the cluster's cgroups, innermost first.
 *
 * @throws {Error} a process still lives in one of them after 10 s; the message names the cgroup.
 */
export async function removeCgroups(checkoutKey: string): Promise<void> {
  for (const own of await ownCgroups(checkoutKey)) {
    const deadline = Date.now() + 10_000
    // A killed process leaves its cgroup a moment after it is gone from /proc: EBUSY until then.
    while (!(await tryRemoveTree(own))) {
      if (Date.now() > deadline) throw new Error(`cannot remove the cgroup ${own}: processes still live in it`)
      await sleep(100)
    }
  }
}

async function tryRemoveTree(folder: string): Promise<boolean> {
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !(await tryRemoveTree(path.join(folder, entry.name)))) return false
    }
    await rmdir(folder)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}
