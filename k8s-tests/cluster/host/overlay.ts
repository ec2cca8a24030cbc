import { mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { run, tryRun } from './run.ts'

/** Folders of the cache in which containerd and buildah lay one overlay over another file system. */
const layered = ['buildah', 'clusters'] as const

/** Sparse: takes what is written into it. */
const diskBytes = 60 * 1024 ** 3

/**
 * Whether an overlay can be mounted with its upper layer in this folder. A container's own root is an overlay already,
 * and the kernel refuses one on another; some network file systems lack the attributes. Tried, because no list is right.
 */
export async function takesOverlay(folder: string): Promise<boolean> {
  const place = path.join(folder, `.overlay-${process.pid}`)
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => path.join(place, name))
  try {
    for (const one of [lower, upper, work, merged]) await mkdir(one ?? place, { recursive: true })
    // In a mount namespace that ends with the command: nothing stays mounted.
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`
    const mounting = ['--mount', 'mount', '-t', 'overlay', 'overlay', '-o', options, String(merged)]
    return (await tryRun('unshare', mounting, { timeoutMs: 60_000 })) !== undefined
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

/**
 * Makes sure that overlays can be mounted in the cache: where its file system takes none, a file in it becomes a disk
 * of its own (ext4 through a loop device) and is mounted over the folders that hold layers. Copying drivers (vfs,
 * native) would work as well, at several times the space and time.
 *
 * @throws {Error} there is no loop device either; the message says what to do.
 */
export async function ensureOverlay(cache: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  if (await takesOverlay(path.join(cache, layered[0])).catch(() => false)) return
  const mounts = mountPoints(await readFile('/proc/self/mountinfo', 'utf8'))
  const disk = path.join(cache, 'disk')
  if (!mounts.includes(disk)) await mountDisk(`${disk}.ext4`, disk)
  for (const name of layered) {
    const folder = path.join(cache, name)
    await mkdir(path.join(disk, name), { recursive: true })
    await mkdir(folder, { recursive: true })
    if (!mounts.includes(folder)) await run('mount', ['--bind', path.join(disk, name), folder])
  }
}

/** Takes the mounts of {@link ensureOverlay} away, the disk's file stays. A cluster of another checkout keeps them. */
export async function releaseOverlay(cache: string): Promise<void> {
  const mounts = mountPoints(await readFile('/proc/self/mountinfo', 'utf8'))
  for (const name of [...layered, 'disk']) {
    const folder = path.join(cache, name)
    if (mounts.includes(folder)) await tryRun('umount', [folder])
  }
}

/** The mount points that a `mountinfo` names. */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point !== '')
    .map((point) => point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))))
}

async function mountDisk(file: string, folder: string): Promise<void> {
  if (!(await stat(file).catch(() => undefined))) {
    await writeFile(`${file}.new`, '')
    await truncate(`${file}.new`, diskBytes)
    await run('mkfs.ext4', ['-q', '-F', '-m', '0', `${file}.new`])
    await run('mv', [`${file}.new`, file])
  }
  await mkdir(folder, { recursive: true })
  try {
    await run('mount', ['-o', 'loop', file, folder])
  } catch (error) {
    throw new Error(
      `no overlay can be mounted in ${path.dirname(folder)} and no loop device is free: name a folder on ext4, xfs or btrfs in MYTAEK1_CACHE`,
      { cause: error },
    )
  }
}
