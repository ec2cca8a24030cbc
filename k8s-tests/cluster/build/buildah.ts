import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { run, tryRun } from '../host/run.ts'

/**
 * Runs buildah on a storage of our own inside the cache.
 *
 * In a mount namespace that ends with the command: buildah bind-mounts its storage onto itself and would leave that
 * mount behind. No daemon, no container runtime: RUN works in a chroot with the host's network.
 */
export async function buildah(
  cache: string,
  args: readonly string[],
  onOutput?: (chunk: string) => void,
): Promise<string> {
  const root = path.join(cache, 'buildah')
  await mkdir(root, { recursive: true })
  const policy = path.join(root, 'policy.json')
  // Only local images are used; Debian's buildah refuses to work without any policy file.
  await writeFile(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }))
  const storage = [
    '--root',
    path.join(root, 'storage'),
    '--runroot',
    path.join(root, 'run'),
    '--storage-driver',
    'overlay',
  ]
  const [command, ...rest] = args
  if (command === undefined) throw new Error('buildah needs a command')
  const takesPolicy = ['bud', 'push', 'from', 'commit'].includes(command)
  return await run(
    'unshare',
    ['--mount', 'buildah', ...storage, command, ...(takesPolicy ? ['--signature-policy', policy] : []), ...rest],
    {
      env: { STORAGE_DRIVER: 'overlay', BUILDAH_ISOLATION: 'chroot', TMPDIR: path.join(root) },
      ...(onOutput ? { onOutput } : {}),
    },
  )
}

/** Whether the storage holds an image of that name. */
export async function hasImage(cache: string, name: string): Promise<boolean> {
  const names = await buildah(cache, ['images', '--format', '{{.Name}}:{{.Tag}}'])
  return names.split('\n').includes(name)
}

/**
 * Builds one Dockerfile with only local base images, with the machine's own apt and npm settings (mirrors, proxies,
 * certificates) mounted while it builds, so that none of them ends up in an image.
 */
export async function buildImage(options: {
  cache: string
  name: string
  dockerfile: string
  context: string
  /** Base images may be pulled; the embedded cluster makes its own and never does. */
  pull?: boolean
  onOutput?: (chunk: string) => void
}): Promise<void> {
  const mounts = await hostSettingsMounts(options.cache)
  const args = [
    'bud',
    '--layers',
    options.pull ? '--pull' : '--pull-never',
    '--format',
    'docker',
    ...mounts,
    '-t',
    options.name,
    '-f',
    options.dockerfile,
    options.context,
  ]
  await buildah(options.cache, args, options.onOutput)
}

/** Writes an image as an archive that containerd imports. */
export async function exportImage(cache: string, name: string, archive: string): Promise<void> {
  await rm(archive, { force: true })
  await buildah(cache, ['push', '--quiet', name, `docker-archive:${archive}:${name}`])
}

async function hostSettingsMounts(cache: string): Promise<string[]> {
  const folder = path.join(cache, 'buildah', 'host-settings')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const mounts: string[] = []
  const mount = (source: string, target: string): void => {
    mounts.push('-v', `${source}:${target}:ro`)
  }
  const apt = (await tryRun('apt-config', ['dump'])) ?? ''
  const aptSettings = apt.split('\n').filter((line) => /^Acquire::(https?|Check-|Retries|Force)/i.test(line))
  await writeFile(path.join(folder, 'apt.conf'), `${aptSettings.join('\n')}\n`)
  mount(path.join(folder, 'apt.conf'), '/etc/apt/apt.conf.d/90host')
  const npmSettings: string[] = []
  for (const file of [
    (await tryRun('npm', ['config', 'get', 'globalconfig']))?.trim(),
    path.join(homedir(), '.npmrc'),
  ]) {
    if (file) npmSettings.push(await readFile(file, 'utf8').catch(() => ''))
  }
  for (const [name, value] of Object.entries(process.env)) {
    if (/^npm_config_(registry|cafile|https?_proxy|proxy)$/i.test(name))
      npmSettings.push(`${name.slice(11).toLowerCase().replaceAll('_', '-')}=${value}`)
  }
  // nodedir names headers on this machine; in an image there are none.
  const npmrc = npmSettings
    .join('\n')
    .split('\n')
    .filter((line) => !/^\s*(nodedir|prefix|globalconfig|userconfig|cache)\s*=/.test(line))
  // Every image installs nearly the same packages: fetched once, taken from this folder by all builds.
  const npmCache = path.join(cache, 'npm')
  await mkdir(npmCache, { recursive: true })
  mounts.push('-v', `${npmCache}:/var/cache/npm`)
  npmrc.push('cache=/var/cache/npm', 'prefer-offline=true')
  await writeFile(path.join(folder, 'npmrc'), `${npmrc.join('\n')}\n`, { mode: 0o600 })
  // The Dockerfiles ask for it where they call npm.
  mounts.push('--secret', `id=npmrc,src=${path.join(folder, 'npmrc')}`)
  for (const file of ['/etc/apt/auth.conf', '/etc/ssl/certs/ca-certificates.crt']) {
    if (await stat(file).catch(() => undefined)) mount(file, file)
  }
  return mounts
}
