import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppImage } from '../build/app-images.ts'
import { dumpProblems } from './dump-problems.ts'
import { madeByUp, releaseName, requireOwnRelease } from './own-release.ts'
import { checkoutRoot } from '../host/paths.ts'
import { step } from '../host/progress.ts'
import { run, tryRun } from '../host/run.ts'
import type { Ports } from '../host/settings.ts'

const ownChart = path.join(checkoutRoot, 'charts', 'mytaek1')

/** Pods are probed, databases initialised, migrations run: two minutes alone, more beside a compiler. */
const readyDeadlineMs = 8 * 60_000

const pollMs = 5_000

/** The apiserver refuses every Pod in the release's namespace that could do more than ours may. */
const podSecurity = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`)

/** Where people and encoders reach the platform of an embedded cluster. */
export type PublicUrls = { http: string; https: string; rtmp: string; rtmps: string }

/** The public URLs that the host ports make. */
export function publicUrls(ports: Ports): PublicUrls {
  return {
    http: `http://127.0.0.1:${ports.http}`,
    https: `https://127.0.0.1:${ports.https}`,
    rtmp: `rtmp://127.0.0.1:${ports.rtmp}/live`,
    rtmps: `rtmps://127.0.0.1:${ports.rtmps}/live`,
  }
}

/** The chart's values for these images; the prefix is a registry or a user of one. */
export function releaseValues(images: readonly AppImage[], urls: PublicUrls | undefined, prefix = ''): object {
  return {
    images: Object.fromEntries(
      images.map((image) => [image.app, { repository: `${prefix}${image.repository}`, tag: image.tag }]),
    ),
    ...(urls ? { public: { httpUrl: urls.http, rtmpUrl: urls.rtmp }, mail: { sink: { enabled: true } } } : {}),
  }
}

/** A workload as far as its readiness goes. */
export type Workload = {
  kind: string
  metadata: { name: string; generation?: number }
  spec: { replicas?: number }
  status?: { observedGeneration?: number; updatedReplicas?: number; readyReplicas?: number; replicas?: number }
}

/** What a workload still waits for, as people read it: `commerce 1/2`; `undefined` when it is ready. */
export function unreadiness({ metadata, spec, status }: Workload): string | undefined {
  const wanted = spec.replicas ?? 1
  const ready = status?.readyReplicas ?? 0
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  const isUpdated = (status?.updatedReplicas ?? 0) >= wanted && (status?.replicas ?? 0) <= wanted
  return isSeen && isUpdated && ready >= wanted ? undefined : `${metadata.name} ${ready}/${wanted}`
}

/**
 * Installs or upgrades the chart and waits until every workload is ready.
 *
 * @param options.isShared others use the cluster, too: a release that `make up` did not make, or that is being changed,
 *   is left alone, and values that people gave to ours since then stay. In a cluster of our own all of it is ours.
 * @throws {ForeignReleaseError} the release is not ours to touch; nothing was changed.
 * @throws {Error} helm refused, or something was not ready in time; what is known about each such Pod was printed.
 */
export async function installRelease(options: {
  helm: string
  kubectl: readonly string[]
  kubeArgs: readonly string[]
  values: object
  isShared: boolean
  chart?: string
}): Promise<void> {
  const { helm, kubectl, kubeArgs, values, isShared, chart = ownChart } = options
  await step('installing the chart', async (note) => {
    if (isShared) await requireOwnRelease(helm, kubeArgs)
    else await clearUnfinished(helm, kubeArgs)
    await secureNamespace(kubectl, isShared)
    const watching = new AbortController()
    const watcher = noteUnready(kubectl, note, watching.signal)
    try {
      const where = ['-n', releaseName, '--create-namespace', ...kubeArgs]
      const how = ['--timeout', '6m', '--labels', madeByUp, ...(isShared ? ['--reset-then-reuse-values'] : [])]
      await run(helm, ['upgrade', '--install', releaseName, chart, ...where, ...how, '--values', '-'], {
        input: JSON.stringify(values),
      })
    } catch (error) {
      await dumpProblems(kubectl, releaseName)
      throw error
    } finally {
      watching.abort()
      await watcher
    }
  })
  await step('waiting for the platform', async (note) => {
    const deadline = Date.now() + readyDeadlineMs
    for (;;) {
      const waiting = await unreadyWorkloads(kubectl)
      if (waiting.length === 0) return
      note(`not ready: ${waiting.join(', ')}`)
      if (Date.now() > deadline) {
        await dumpProblems(kubectl, releaseName)
        throw new Error(`not ready after ${readyDeadlineMs / 60_000} minutes: ${waiting.join(', ')}`)
      }
      await sleep(2_000)
    }
  })
}

/** Makes the namespace with its labels; one that others made on a cluster of theirs stays as they labelled it. */
async function secureNamespace(kubectl: readonly string[], isShared: boolean): Promise<void> {
  const isNew = (await kubectlRun(kubectl, ['create', 'namespace', releaseName])) !== undefined
  if (!isNew && isShared) return
  const [program = '', ...first] = kubectl
  await run(program, [...first, 'label', '--overwrite', 'namespace', releaseName, ...podSecurity])
}

async function unreadyWorkloads(kubectl: readonly string[]): Promise<string[]> {
  const text = await kubectlRun(kubectl, ['-n', releaseName, 'get', 'deployments,statefulsets', '-o', 'json'])
  const { items } = JSON.parse(text ?? '{"items":[]}') as { items: Workload[] }
  return items.map(unreadiness).filter((line) => line !== undefined)
}

async function noteUnready(
  kubectl: readonly string[],
  note: (detail: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(pollMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    const text = await kubectlRun(kubectl, [
      '-n',
      releaseName,
      'get',
      'pods',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name}={.status.phase} {end}',
    ])
    note((text ?? '').trim())
  }
}

/** An `up` that was interrupted leaves a release that helm neither upgrades nor installs. */
async function clearUnfinished(helm: string, kubeArgs: readonly string[]): Promise<void> {
  const text = await tryRun(helm, ['status', releaseName, '-n', releaseName, ...kubeArgs, '-o', 'json'])
  if (text === undefined) return
  const { info } = JSON.parse(text) as { info: { status: string } }
  if (info.status === 'pending-install')
    await run(helm, ['uninstall', releaseName, '-n', releaseName, ...kubeArgs, '--no-hooks'])
  else if (info.status.startsWith('pending-'))
    await run(helm, ['rollback', releaseName, '-n', releaseName, ...kubeArgs, '--no-hooks'])
}

async function kubectlRun(kubectl: readonly string[], args: readonly string[]): Promise<string | undefined> {
  const [program, ...first] = kubectl
  return program === undefined ? undefined : await tryRun(program, [...first, ...args])
}
