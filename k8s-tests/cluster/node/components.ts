import { readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Paths } from '../host/paths.ts'
import { endProcess, identify, type ProcessIdentity } from '../host/processes.ts'

/** The processes that node.sh keeps running. */
export const componentNames = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'containerd',
] as const
export type ComponentName = (typeof componentNames)[number]

/** What can be done to one: `kill` is followed by a restart, after `stop` it stays down until `start`. */
export const componentActions = ['kill', 'stop', 'start', 'pause', 'resume'] as const
export type ComponentAction = (typeof componentActions)[number]

/**
 * Disturbs one component of a running node, as faults do: without warning.
 *
 * @throws {Error} it does not run (kill, pause, resume).
 */
export async function disturb(options: {
  paths: Paths
  node: ProcessIdentity
  action: ComponentAction
  name: ComponentName
}): Promise<void> {
  const { paths, node, action, name } = options
  const held = path.join(paths.state, 'held', name)
  if (action === 'start') return await rm(held, { force: true })
  if (action === 'stop') await writeFile(held, '')
  const found = await findComponent(node, name)
  if (found === undefined) {
    if (action === 'stop') return
    throw new Error(`${name} does not run`)
  }
  if (action === 'pause') process.kill(found.pid, 'SIGSTOP')
  else if (action === 'resume') process.kill(found.pid, 'SIGCONT')
  else await endProcess(found, 0)
}

/** The process of a component, by its number on the host; undefined while it is being started again. */
export async function findComponent(node: ProcessIdentity, name: ComponentName): Promise<ProcessIdentity | undefined> {
  const namespace = await readlink(`/proc/${node.pid}/ns/pid`)
  for (const pid of await processNumbers()) {
    const isInNode = (await readlink(`/proc/${pid}/ns/pid`).catch(() => '')) === namespace
    if (isInNode && isComponent(await commandLine(pid), name)) return await identify(pid)
  }
  return undefined
}

/** A process of a Pod's containers; undefined when none runs. Its namespaces are the Pod's. */
export async function findPodProcess(podUid: string): Promise<number | undefined> {
  for (const pid of await processNumbers()) {
    const cgroup = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')
    // The systemd driver writes a UID with underscores.
    if (cgroup.includes(podUid) || cgroup.includes(podUid.replaceAll('-', '_'))) return pid
  }
  return undefined
}

/** Whether a command line is the component's: `kube NAME …` of the all-in-one binary, or containerd itself. */
export function isComponent(argv: readonly string[], name: ComponentName): boolean {
  const program = path.basename(argv[0] ?? '')
  return name === 'containerd' ? program === name : program.startsWith('kube') && argv[1] === name
}

async function processNumbers(): Promise<number[]> {
  return (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number)
}

async function commandLine(pid: number): Promise<string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
}
