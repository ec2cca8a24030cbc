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

const leafName = 'mytaek1-outside' // the processes that were in a container's root before

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
    await passControllersOn(root)
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

/**
 * Lets the children of a cgroup v2 have its controllers; without effect on v1.
 *
 * A cgroup that has processes of its own can pass none on (EBUSY), the machine's root aside. A container's root is such
 * a one: its processes move to a leaf beside the cluster's cgroup first, as container runtimes do when they nest.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html, "No Internal Process Constraint"
 */
export async function passControllersOn(root: string): Promise<void> {
  const controllers = await readFile(path.join(root, 'cgroup.controllers'), 'utf8').catch(() => '')
  const names = controllers.trim().split(/\s+/).filter(Boolean)
  if ((await enable(root, names)) !== 'busy') return
  const leaf = path.join(root, leafName)
  await mkdir(leaf, { recursive: true })
  for (let round = 0; round < 10; round += 1) {
    const processes = (await readFile(path.join(root, 'cgroup.procs'), 'utf8')).split('\n').filter(Boolean)
    // one may have ended meanwhile, or have made another one, which the next round moves
    for (const id of processes) await writeFile(path.join(leaf, 'cgroup.procs'), id).catch(() => {})
    if ((await enable(root, names)) !== 'busy') return
  }
}

async function enable(root: string, controllers: readonly string[]): Promise<'busy' | 'done'> {
  let outcome: 'busy' | 'done' = 'done'
  for (const controller of controllers) {
    try {
      await writeFile(path.join(root, 'cgroup.subtree_control'), `+${controller}`)
    } catch (error) {
      // what else cannot be passed on here is a controller that the kubelet does not need, or preflight names it
      if ((error as NodeJS.ErrnoException).code === 'EBUSY') outcome = 'busy'
    }
  }
  return outcome
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
