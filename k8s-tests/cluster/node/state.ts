import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Paths } from '../host/paths.ts'
import type { ProcessIdentity } from '../host/processes.ts'
import type { Ports } from '../host/settings.ts'

/** What `up` leaves for `down` and `status`: who runs, and with what. */
export type ClusterState = {
  slot: number
  startedAt: string
  /** The kube binary that the node runs; another one means that the node is out of date. */
  kube: string
  ports: Ports
  /** PID 1 of the node's namespaces, as the host numbers it; ending it ends the whole node. */
  node?: ProcessIdentity
  /** The loop that hands out LoadBalancer addresses and forwards the host ports. */
  doorkeeper?: ProcessIdentity
}

/** The kubeconfig of the cluster's admin. */
export const kubeconfigOf = (paths: Paths): string => path.join(paths.state, 'kubeconfig')

/** Reads the recorded state; `undefined` when no cluster of this checkout is recorded. */
export async function readState(paths: Paths): Promise<ClusterState | undefined> {
  const text = await readFile(stateFile(paths), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as ClusterState)
}

/** Records the state by renaming a finished file, so that a reader never sees half of one. */
export async function writeState(paths: Paths, state: ClusterState): Promise<void> {
  await mkdir(paths.state, { recursive: true, mode: 0o700 })
  const temporary = `${stateFile(paths)}.new`
  await writeFile(temporary, JSON.stringify(state, null, 2))
  await rename(temporary, stateFile(paths))
}

const stateFile = (paths: Paths): string => path.join(paths.state, 'cluster.json')
