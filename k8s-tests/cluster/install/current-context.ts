import path from 'node:path'
import { mkdir } from 'node:fs/promises'
import { type AppImage, appDockerfiles, appImage, appNames, withArchive } from '../build/app-images.ts'
import { buildah, buildImage } from '../build/buildah.ts'
import { ensureDemo } from './demo.ts'
import { requireOwnRelease } from './own-release.ts'
import { checkoutRoot, type Paths } from '../host/paths.ts'
import { say, step } from '../host/progress.ts'
import { installRelease, releaseValues } from './release.ts'
import { run, tryRun } from '../host/run.ts'

/** How images get into a cluster that is not ours. */
export type ImageRoute =
  | { kind: 'registry'; registry: string }
  | { kind: 'kind'; cluster: string }
  | { kind: 'minikube'; profile: string }
  | { kind: 'k3d'; cluster: string }

/** No way is known to bring local images into the current context. */
export class NoImageRouteError extends Error {
  readonly code = 'no_image_route'

  constructor(context: string) {
    super(
      `CLUSTER=current: the context ${context} is neither kind, minikube nor k3d; name a registry that it pulls from: REGISTRY=host/prefix make up`,
    )
  }
}

/**
 * Decides how images reach the cluster of a context, by the names that kind, minikube and k3d give to theirs.
 *
 * @throws {NoImageRouteError} none of them, and no registry was named.
 */
export function imageRoute(context: string, registry: string | undefined): ImageRoute {
  if (registry) return { kind: 'registry', registry: registry.replace(/\/$/, '') }
  if (context.startsWith('kind-')) return { kind: 'kind', cluster: context.slice('kind-'.length) }
  if (context.startsWith('k3d-')) return { kind: 'k3d', cluster: context.slice('k3d-'.length) }
  if (context === 'minikube' || context.startsWith('minikube-')) return { kind: 'minikube', profile: context }
  throw new NoImageRouteError(context)
}

/** Installs the platform into the current kubectl context and says how; the machine's own kubectl and helm do it. */
export async function upCurrent(paths: Paths): Promise<number> {
  const context = (await tryRun('kubectl', ['config', 'current-context']))?.trim()
  if (!context)
    throw new Error('CLUSTER=current: kubectl has no current context; `kubectl config get-contexts` lists them')
  if ((await tryRun('kubectl', ['--request-timeout=10s', 'get', '--raw', '/readyz'])) === undefined) {
    throw new Error(`CLUSTER=current: the cluster of the context ${context} does not answer`)
  }
  if ((await tryRun('helm', ['version', '--short'])) === undefined)
    throw new Error('CLUSTER=current: helm is not on the PATH')
  // now, and not only after the images were built
  await requireOwnRelease('helm', [])
  const route = imageRoute(context, process.env['REGISTRY'])
  const builder = (await tryRun('docker', ['version'])) === undefined ? 'buildah' : 'docker'
  if (builder === 'buildah' && (await tryRun('buildah', ['--version'])) === undefined)
    throw new Error('CLUSTER=current: neither a docker daemon nor buildah is there to build the images')
  say(
    `CLUSTER=current: context ${context}, images built with ${builder}, ${route.kind === 'registry' ? `pushed to ${route.registry}` : `loaded into ${route.kind}`}`,
  )
  const images: AppImage[] = []
  for (const app of appNames) {
    // The base is pulled here, so its digest is not known before: the name has to do.
    const image = await appImage(app, 'node:24-bookworm-slim')
    images.push(image)
    await step(`image ${image.repository}:${image.tag}`, () => deliver({ paths, image, route, builder }))
  }
  const prefix = route.kind === 'registry' ? `${route.registry}/` : ''
  const httpUrl = process.env['MYTAEK1_PUBLIC_URL']
  await installRelease({
    helm: 'helm',
    kubectl: ['kubectl'],
    kubeArgs: [],
    values: releaseValues(images, undefined, prefix),
    isShared: true,
  })
  say('Installed. `kubectl -n mytaek1 get ingress,services` shows where it is reached.')
  if (httpUrl) {
    await mkdir(paths.checkout, { recursive: true })
    const demo = await ensureDemo(paths.checkout, httpUrl.replace(/\/$/, ''))
    say(
      `Storefront ${httpUrl}; demo seller ${demo.seller.email}, demo buyer ${demo.buyer.email}; passwords and key in ${path.join(paths.checkout, 'demo.json')}`,
    )
  } else say('Set MYTAEK1_PUBLIC_URL to that address to have a demo seller and buyer made.')
  return 0
}

async function deliver(options: {
  paths: Paths
  image: AppImage
  route: ImageRoute
  builder: 'docker' | 'buildah'
}): Promise<void> {
  const { paths, image, route, builder } = options
  const name =
    route.kind === 'registry'
      ? `${route.registry}/${image.repository}:${image.tag}`
      : `docker.io/${image.repository}:${image.tag}`
  const dockerfile = path.join(checkoutRoot, appDockerfiles[image.app])
  if (builder === 'docker') {
    await run('docker', ['build', '-t', name, '-f', dockerfile, checkoutRoot])
    if (route.kind === 'registry') await run('docker', ['push', name])
    else await run(...loadCommand(route, name))
    return
  }
  await buildImage({ cache: paths.cache, name, dockerfile, context: checkoutRoot, pull: true })
  if (route.kind === 'registry') {
    await buildah(paths.cache, ['push', name])
    return
  }
  await withArchive(paths.cache, image, (archive) => run(...loadCommand(route, archive, true)))
}

/** The command of each tool that takes an image from docker, or from an archive. */
export function loadCommand(
  route: Exclude<ImageRoute, { kind: 'registry' }>,
  image: string,
  isArchive = false,
): [string, string[]] {
  switch (route.kind) {
    case 'kind':
      return ['kind', ['load', isArchive ? 'image-archive' : 'docker-image', image, '--name', route.cluster]]
    case 'k3d':
      return ['k3d', ['image', 'import', image, '--cluster', route.cluster]]
    case 'minikube':
      return ['minikube', ['image', 'load', image, '--profile', route.profile]]
  }
}
