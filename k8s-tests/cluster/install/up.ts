import { stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  type AppImage,
  appDockerfiles,
  appImage,
  appNames,
  ensureAppImage,
  fullName,
  pruneBuilds,
  withArchive,
} from '../build/app-images.ts'
import { ensureToolsAndImages, keyOf, nodeImage } from '../build/base-images.ts'
import { ensureCluster, type RunningCluster } from './cluster.ts'
import { importImage, nodeImages, removeOldImages } from '../node/containerd.ts'
import { withFileLock } from '../host/file-lock.ts'
import { checkoutRoot, type Paths } from '../host/paths.ts'
import { readMachine } from './machine-facts.ts'
import { preflight } from './preflight.ts'
import { say, step } from '../host/progress.ts'
import { installRelease, publicUrls, releaseValues } from './release.ts'
import type { Ports } from '../host/settings.ts'

/** Builds of each application that stay: a `helm rollback` or two finds its images. */
const keptImages = 3

/** All of the platform and the cluster itself share a few cores here; a true request would leave room for three streams. */
const sharedCores = {
  stream: { resources: { requests: { cpu: '25m' } }, transcoder: { resources: { requests: { cpu: '25m' } } } },
}

/**
 * Boots the cluster, brings the images up to date and installs the chart: everything that `make up` does before it
 * prints how to use the platform.
 *
 * @returns the cluster, and whether there was a chart to install.
 */
export async function up(paths: Paths, ports: Ports): Promise<{ cluster: RunningCluster; isInstalled: boolean }> {
  await preflight(paths, ports, readMachine)
  return await withFileLock(path.join(paths.checkout, 'up.lock'), 'another `up` of this checkout', async () => {
    say('Embedded cluster (CLUSTER=current uses your kubectl context instead)')
    const cluster = await ensureCluster(paths, ports, (cache) =>
      ensureToolsAndImages(cache, (nodeKey) => buildAppImages(cache, nodeKey)),
    )
    const images = await loadAppImages(paths, cluster)
    if (images === undefined || !(await exists(path.join(checkoutRoot, 'charts/mytaek1/Chart.yaml')))) {
      say(
        'The cluster is ready. There is no chart in charts/mytaek1 or a Dockerfile is missing: nothing was installed.',
      )
      return { cluster, isInstalled: false }
    }
    const kubeArgs = ['--kubeconfig', cluster.kubeconfig]
    const values = { ...releaseValues(images, publicUrls(ports)), ...sharedCores }
    await writeFile(path.join(paths.state, 'values.json'), JSON.stringify(values, null, 2))
    await installRelease({
      helm: cluster.helm,
      kubectl: [cluster.kube, 'kubectl', ...kubeArgs],
      kubeArgs,
      values,
      isShared: false,
    })
    await removeOldImages({ node: cluster.node, imageStore: paths.imageStore, keep: keptImages })
    await pruneBuilds(paths.cache, keptImages)
    return { cluster, isInstalled: true }
  })
}

/**
 * Builds the application images that changed and imports them into the node.
 *
 * @returns the images, or `undefined` when a Dockerfile does not exist.
 */
export async function loadAppImages(paths: Paths, cluster: RunningCluster): Promise<AppImage[] | undefined> {
  if (!(await hasDockerfiles())) return undefined
  const { images: bases } = await ensureToolsAndImages(paths.cache)
  const present = await nodeImages(cluster.node)
  const images: AppImage[] = []
  for (const app of appNames) {
    const image = await appImage(app, keyOf(bases, nodeImage))
    images.push(image)
    if (present.has(fullName(image))) continue
    await ensureAppImage(paths.cache, image)
    await step(`importing ${image.repository}:${image.tag}`, async () => {
      await withArchive(paths.cache, image, async (archive) => {
        const name = fullName(image)
        await importImage({
          node: cluster.node,
          imageStore: paths.imageStore,
          name,
          key: image.tag,
          archive: () => Promise.resolve(archive),
        })
      })
    })
  }
  return images
}

async function buildAppImages(cache: string, nodeKey: string): Promise<void> {
  if (!(await hasDockerfiles())) return
  for (const app of appNames) await ensureAppImage(cache, await appImage(app, nodeKey))
}

async function hasDockerfiles(): Promise<boolean> {
  for (const app of appNames) if (!(await exists(path.join(checkoutRoot, appDockerfiles[app])))) return false
  return true
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined
}
