import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { containerdSocket } from './node.ts'
import type { ProcessIdentity } from './processes.ts'
import { run } from './run.ts'

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
  const register = path.join(imageStore, 'mytaek1-imported.json')
  const imported = JSON.parse(await readFile(register, 'utf8').catch(() => '{}')) as Record<string, string>
  if (imported[name] === key && (await nodeImages(node)).has(name)) return false
  await ctr(node, ['images', 'import', await options.archive()])
  imported[name] = key
  await mkdir(imageStore, { recursive: true })
  await writeFile(register, JSON.stringify(imported, null, 2))
  return true
}
