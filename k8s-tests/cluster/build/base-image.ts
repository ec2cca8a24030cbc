import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { run } from '../host/run.ts'

/** The Debian release of every image. */
export const debianRelease = 'bookworm'

/** One line of `apt-get indextargets`. */
export type AptTarget = { origin: string; label: string; uri: string }

/** The command whose output {@link parseAptTargets} reads. */
export const aptTargetsFormat = '$(ORIGIN)|$(LABEL)|$(REPO_URI)'

/** Reads the archives that this machine's apt uses. */
export function parseAptTargets(output: string): AptTarget[] {
  const targets: AptTarget[] = []
  for (const line of output.split('\n')) {
    const [origin, label, uri] = line.split('|')
    if (origin && label && uri && !targets.some((known) => known.uri === uri)) targets.push({ origin, label, uri })
  }
  return targets
}

/**
 * Picks the machine's Debian mirrors, so that no host name has to be written down in this repository.
 *
 * @throws {Error} apt knows no Debian archive (an Ubuntu machine, or no `apt-get update` yet).
 */
export function debianMirrors(targets: readonly AptTarget[], override?: string): { main: string; security?: string } {
  const main = override ?? targets.find((target) => target.origin === 'Debian' && target.label === 'Debian')?.uri
  if (!main) {
    throw new Error(
      "no Debian mirror in this machine's apt sources (after `apt-get update`); name one in MYTAEK1_DEBIAN_MIRROR",
    )
  }
  const security = targets.find((target) => target.label === 'Debian-Security')?.uri
  return security ? { main, security } : { main }
}

/** The image's own sources.list. */
export function sourcesList(mirrors: { main: string; security?: string }): string {
  const lines = [`deb ${mirrors.main} ${debianRelease} main`, `deb ${mirrors.main} ${debianRelease}-updates main`]
  if (mirrors.security) lines.push(`deb ${mirrors.security} ${debianRelease}-security main`)
  return `${lines.join('\n')}\n`
}

const rootArchive = (cache: string, key: string): string =>
  path.join(cache, 'rootfs', `debian-${debianRelease}-${key}.tar`)

/** Raise this when the way the root file system is made changes. */
export const debianRootKey = '1'

/** Whether the cache has it, so that no mirror is needed for it. */
export async function hasDebianRoot(cache: string): Promise<boolean> {
  return (await stat(rootArchive(cache, debianRootKey)).catch(() => undefined)) !== undefined
}

/** Makes the Debian root file system once, as an uncompressed archive, and answers where it is. */
export async function ensureDebianRoot(cache: string, key: string): Promise<string> {
  const archive = rootArchive(cache, key)
  if (await stat(archive).catch(() => undefined)) return archive
  const root = `${archive}.building`
  await rm(root, { recursive: true, force: true })
  await mkdir(root, { recursive: true })
  const format = (): Promise<string> => run('apt-get', ['indextargets', '--format', aptTargetsFormat])
  const mirrors = debianMirrors(parseAptTargets(await format()), process.env['MYTAEK1_DEBIAN_MIRROR'])
  // A mount namespace of its own: an interrupted debootstrap leaves /proc mounted in the new root otherwise.
  await run('unshare', [
    '--mount',
    'debootstrap',
    '--variant=minbase',
    '--include=ca-certificates,tini',
    debianRelease,
    root,
    mirrors.main,
  ])
  await writeFile(path.join(root, 'etc/apt/sources.list'), sourcesList(mirrors))
  // As Debian's slim images do: no manuals, no translations, now and in later installs.
  const excluded = ['doc', 'man', 'info', 'locale', 'lintian'].map((folder) => `path-exclude /usr/share/${folder}/*`)
  await writeFile(
    path.join(root, 'etc/dpkg/dpkg.cfg.d/slim'),
    `${excluded.join('\n')}\npath-include /usr/share/doc/*/copyright\n`,
  )
  // Services of installed packages must not be started in a build.
  await writeFile(path.join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  for (const leftover of [
    'usr/share/doc',
    'usr/share/man',
    'usr/share/locale',
    'usr/share/info',
    'var/cache/apt',
    'var/lib/apt/lists',
    'var/log',
  ]) {
    await rm(path.join(root, leftover), { recursive: true, force: true })
  }
  for (const needed of ['var/cache/apt/archives/partial', 'var/lib/apt/lists/partial', 'var/log/apt']) {
    await mkdir(path.join(root, needed), { recursive: true })
  }
  await run('tar', ['--numeric-owner', '-C', root, '-cf', `${archive}.new`, '.'])
  await rename(`${archive}.new`, archive)
  await rm(root, { recursive: true, force: true })
  return archive
}
