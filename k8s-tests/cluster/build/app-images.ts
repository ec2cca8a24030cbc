import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { buildah, buildImage, exportImage, hasImage } from './buildah.ts'
import { withFileLock } from '../host/file-lock.ts'
import { checkoutRoot } from '../host/paths.ts'
import { step } from '../host/progress.ts'

/** The images that this repository's own Dockerfiles make, by the name that the chart gives them. */
export const appDockerfiles = {
  commerce: 'services/commerce/Dockerfile',
  payment: 'services/payment/Dockerfile',
  storefront: 'services/storefront/Dockerfile',
  operator: 'operator/Dockerfile',
  media: 'media/Dockerfile',
} as const

/** The name of one application image. */
export type AppName = keyof typeof appDockerfiles

/** All application images. */
export const appNames = Object.keys(appDockerfiles) as AppName[]

/** An application image as the chart knows it; the tag is a hash of everything that went into it. */
export type AppImage = { app: AppName; repository: string; tag: string }

/** The paths of the build context that a Dockerfile copies, without what it copies from its own stages. */
export function copiedPaths(dockerfile: string): string[] {
  const paths = new Set<string>()
  for (const line of dockerfile.replaceAll('\\\n', ' ').split('\n')) {
    const words = line.trim().split(/\s+/)
    if (!/^(COPY|ADD)$/i.test(words[0] ?? '') || words.some((word) => word.startsWith('--from='))) continue
    for (const source of words.slice(1, -1)) if (!source.startsWith('--')) paths.add(source.replace(/\/$/, ''))
  }
  return [...paths].toSorted()
}

/** The names that a `.dockerignore` keeps out of every folder: its lines of the form a double star, a slash and a name. */
export function ignoredNames(dockerignore: string): RegExp[] {
  const patterns: RegExp[] = []
  for (const line of dockerignore.split('\n')) {
    const name = /^\*\*\/([^/]+)$/.exec(line.trim())?.[1]
    if (name) patterns.push(new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`))
  }
  return patterns
}

/** The image of an application as the sources are now, built or not. */
export async function appImage(app: AppName, baseKey: string, root: string = checkoutRoot): Promise<AppImage> {
  const dockerfile = await readFile(path.join(root, appDockerfiles[app]), 'utf8')
  const ignored = ignoredNames(await readFile(path.join(root, '.dockerignore'), 'utf8').catch(() => ''))
  const hash = createHash('sha256').update(JSON.stringify([baseKey, dockerfile]))
  for (const source of copiedPaths(dockerfile)) {
    for (const file of await filesUnder(path.join(root, source), ignored)) {
      hash.update(JSON.stringify([path.relative(root, file)])).update(await readFile(file))
    }
  }
  return { app, repository: `mytaek1/${app}`, tag: hash.digest('hex').slice(0, 12) }
}

/** The name under which containerd and buildah keep an application image. */
export const fullName = (image: AppImage): string => `docker.io/${image.repository}:${image.tag}`

/** Builds an application image unless the local storage has it. One build at a time: layers are shared. */
export async function ensureAppImage(cache: string, image: AppImage): Promise<void> {
  await withFileLock(path.join(cache, 'images.lock'), `building ${image.repository}`, async () => {
    if (await hasImage(cache, fullName(image))) return
    await step(`building image ${image.repository}:${image.tag}`, async (note) => {
      const dockerfile = path.join(checkoutRoot, appDockerfiles[image.app])
      const onOutput = (chunk: string): void => note(chunk.trim().split('\n').at(-1)?.slice(0, 80) ?? '')
      await buildImage({ cache, name: fullName(image), dockerfile, context: checkoutRoot, onOutput })
    })
  })
}

/** Dangling images are the layers that builds start from; so many are kept before all of them are dropped. */
const keptLayers = 80

/**
 * Bounds what builds leave in the storage: the newest images of each application stay, and the layers they were built
 * from until there are many.
 *
 * @param keep how many images of each application stay.
 */
export async function pruneBuilds(cache: string, keep: number): Promise<void> {
  await withFileLock(path.join(cache, 'images.lock'), 'removing old builds', async () => {
    // Newest first, as buildah lists them.
    const names = (await buildah(cache, ['images', '--format', '{{.Name}}:{{.Tag}}'])).split('\n').filter(Boolean)
    const old = appNames.flatMap((app) =>
      names.filter((name) => name.startsWith(`docker.io/mytaek1/${app}:`)).slice(keep),
    )
    if (old.length > 0) await buildah(cache, ['rmi', ...old])
    if (names.filter((name) => name.startsWith('<none>')).length > keptLayers) await buildah(cache, ['rmi', '--prune'])
  })
}

/** Writes the image as an archive, hands its path to `use`, and removes it again. */
export async function withArchive<T>(cache: string, image: AppImage, use: (archive: string) => Promise<T>): Promise<T> {
  const archive = path.join(cache, 'images', `${image.app}-${image.tag}-${process.pid}.tar`)
  try {
    await exportImage(cache, fullName(image), archive)
    return await use(archive)
  } finally {
    await rm(archive, { force: true })
  }
}

async function filesUnder(place: string, ignored: readonly RegExp[]): Promise<string[]> {
  const seen = await stat(place).catch(() => undefined)
  if (seen === undefined) return []
  if (seen.isFile()) return [place]
  const files: string[] = []
  for (const entry of (await readdir(place)).toSorted()) {
    if (ignored.some((pattern) => pattern.test(entry))) continue
    files.push(...(await filesUnder(path.join(place, entry), ignored)))
  }
  return files
}
