import path from 'node:path'
import { releaseName, requireOwnRelease } from '../cluster/install/own-release.ts'
import { pathsFor } from '../cluster/host/paths.ts'
import { run, type RunOptions } from '../cluster/host/run.ts'
import { readPorts } from '../cluster/host/settings.ts'
import { kubeconfigOf } from '../cluster/node/state.ts'
import { ensureTools } from '../cluster/build/toolchain.ts'

const paths = pathsFor(process.env)
const ports = readPorts(process.env)
const commandTimeoutMs = 300_000

/** The namespace and name of the release that the suites drive. */
export const namespace = releaseName
export const release = releaseName

/** The doors of the platform, as its users know them. */
export const doors = Object.freeze({
  http: process.env['MYTAEK1_HTTP_URL'] ?? `http://127.0.0.1:${ports.http}`,
  rtmp: process.env['MYTAEK1_RTMP_URL'] ?? `rtmp://127.0.0.1:${ports.rtmp}/live`,
})

/** Where screenshots and a failed suite's dumps are kept. */
export const artifacts = path.resolve(import.meta.dirname, '../artifacts')

const current = process.env['CLUSTER'] === 'current'
const kubeEnvironment = current ? {} : { KUBECONFIG: kubeconfigOf(paths) }

/** Runs kubectl in the release's namespace and gives back what it prints. */
export async function kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const all = ['--namespace', namespace, ...args]
  const env = { ...kubeEnvironment, ...options.env }
  if (current) return await run('kubectl', all, { timeoutMs: commandTimeoutMs, ...options, env })
  const { kube } = await ensureTools(paths.cache, ['kube'])
  return await run(kube, ['kubectl', ...all], { timeoutMs: commandTimeoutMs, ...options, env })
}

/** Runs kubectl and parses its JSON. */
export async function kubectlJson(args: readonly string[]): Promise<unknown> {
  return JSON.parse(await kubectl([...args, '--output', 'json']))
}

/**
 * Ends a run on a cluster that others use before it stops Pods, upgrades or uninstalls what `make up` did not make.
 *
 * @throws {ForeignReleaseError} the release there is another's.
 */
export async function requireReleaseOfOurs(): Promise<void> {
  if (current) await requireOwnRelease('helm', [])
}

/** Runs helm and gives back what it prints; what changes a release is refused where that is not ours. */
export async function helm(args: readonly string[], options: RunOptions = {}): Promise<string> {
  if (/^(install|upgrade|rollback|uninstall)$/.test(args[0] ?? '')) await requireReleaseOfOurs()
  const program = current ? 'helm' : (await ensureTools(paths.cache, ['helm'])).helm
  return await run(program, args, { timeoutMs: 600_000, ...options, env: { ...kubeEnvironment, ...options.env } })
}
