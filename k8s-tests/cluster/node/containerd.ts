import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { containerdSocket } from './node.ts'
import type { ProcessIdentity } from '../host/processes.ts'
import { run } from '../host/run.ts'

/** What was imported from what, beside containerd's own files. */
const registerName = 'mytaek1-imported.json'

/** Runs containerd's client against the node, from outside its namespaces. */
export async function ctr(node: ProcessIdentity, args: readonly string[]): Promise<string> {
  return await run('ctr', ['--address', containerdSocket(node), '--namespace', 'k8s.io', ...args])
}

/** The images that the node has, by name. */
export async function nodeImages(node: ProcessIdentity): Promise<Set<string>> {
  return new Set((await ctr(node, ['images', 'list', '--quiet'])).split('\n').filter(Boolean))
}

/**
 * Imports an archive unless the node already has that image made from the same key.
 *
 * @returns whether it was imported.
 */
export async function importImage(options: {
  node: ProcessIdentity
  imageStore: string
  name: string
  key: string
  archive: () => Promise<string>
}): Promise<boolean> {
  const { node, imageStore, name, key } = options
  const register = path.join(imageStore, registerName)
  const imported = JSON.parse(await readFile(register, 'utf8').catch(() => '{}')) as Record<string, string>
  if (imported[name] === key && (await nodeImages(node)).has(name)) return false
  await ctr(node, ['images', 'import', await options.archive()])
  // Deleted first: the register keeps the order of import.
  delete imported[name]
  imported[name] = key
  await mkdir(imageStore, { recursive: true })
  await writeFile(register, JSON.stringify(imported, null, 2))
  return true
}

/**
 * Removes application images of earlier builds; the newest ones stay, so that `helm rollback` finds its images.
 *
 * @param options `keep` how many of each application stay.
 */
export async function removeOldImages(options: {
  node: ProcessIdentity
  imageStore: string
  keep: number
}): Promise<void> {
  const register = path.join(options.imageStore, registerName)
  const imported = JSON.parse(await readFile(register, 'utf8').catch(() => '{}')) as Record<string, string>
  const byApp = new Map<string, string[]>()
  for (const name of Object.keys(imported).filter((one) => one.startsWith('docker.io/mytaek1/'))) {
    const app = name.slice(0, name.lastIndexOf(':'))
    byApp.set(app, [...(byApp.get(app) ?? []), name])
  }
  // The register keeps the order of import: the last ones are the newest.
  const old = [...byApp.values()].flatMap((names) => names.slice(0, -options.keep))
  if (old.length === 0) return
  for (const name of old) delete imported[name]
  await ctr(options.node, ['images', 'remove', ...old])
  await writeFile(register, JSON.stringify(imported, null, 2))
}
