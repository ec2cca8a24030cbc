import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { buildImage, exportImage, hasImage } from '../cluster/build/buildah.ts'
import { withFileLock } from '../cluster/host/file-lock.ts'
import type { Paths } from '../cluster/host/paths.ts'
import type { ProcessIdentity } from '../cluster/host/processes.ts'
import { step } from '../cluster/host/progress.ts'
import { run } from '../cluster/host/run.ts'
import { importImage, nodeImages } from '../cluster/node/containerd.ts'

const folder = path.join(import.meta.dirname, 'jmeter')

/**
 * Makes JMeter's image as the others are made and brings it into the node.
 *
 * @returns the image's name.
 */
export async function ensureJmeterImage(paths: Paths, node: ProcessIdentity): Promise<string> {
  const hash = createHash('sha256')
  for (const file of ['pom.xml', 'Dockerfile']) hash.update(await readFile(path.join(folder, file)))
  const key = hash.digest('hex').slice(0, 12)
  const name = `localhost/mytaek1/jmeter:${key}`
  if ((await nodeImages(node)).has(name)) return name
  const { cache } = paths
  await withFileLock(path.join(cache, 'images.lock'), 'building the image of JMeter', async () => {
    if (await hasImage(cache, name)) return
    const context = path.join(cache, 'images', `jmeter-${key}.context`)
    await step('fetching JMeter', () => layOut(context))
    const dockerfile = path.join(folder, 'Dockerfile')
    await step('building image mytaek1/jmeter', () => buildImage({ cache, name, dockerfile, context }))
    await rm(context, { recursive: true, force: true })
  })
  const archive = path.join(cache, 'images', `jmeter-${key}-${process.pid}.tar`)
  try {
    await exportImage(cache, name, archive)
    const { imageStore } = paths
    await importImage({ node, imageStore, name, key, archive: () => Promise.resolve(archive) })
  } finally {
    await rm(archive, { force: true })
  }
  return name
}

/** As JMeter's own archive has it: the launcher in bin/, what it loads in lib/ext/, what those need in lib/. */
async function layOut(context: string): Promise<void> {
  await rm(context, { recursive: true, force: true })
  const [bin, lib] = [path.join(context, 'bin'), path.join(context, 'lib')]
  const extensions = path.join(lib, 'ext')
  await mkdir(extensions, { recursive: true })
  const maven = ['-q', '-B', '-f', path.join(folder, 'pom.xml')]
  const runtime = ['-DincludeScope=runtime', `-DoutputDirectory=${lib}`]
  await run('mvn', [...maven, 'dependency:copy-dependencies', ...runtime], { timeoutMs: 600_000 })
  // Its settings and the report's template are published as a jar of their own.
  const settings = [
    '-DincludeArtifactIds=ApacheJMeter_config',
    `-DoutputDirectory=${context}`,
    '-Dmdep.unpack.includes=bin/**',
  ]
  await run('mvn', [...maven, 'dependency:unpack-dependencies', ...settings], { timeoutMs: 600_000 })
  for (const file of await readdir(lib)) {
    if (/^ApacheJMeter-[\d.]+\.jar$/.test(file)) await rename(path.join(lib, file), path.join(bin, 'ApacheJMeter.jar'))
    else if (file.startsWith('ApacheJMeter_')) await rename(path.join(lib, file), path.join(extensions, file))
  }
}
