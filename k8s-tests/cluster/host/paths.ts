import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import path from 'node:path'

/** The root of this checkout; two checkouts on one machine never share a cluster. */
export const checkoutRoot = path.resolve(import.meta.dirname, '../../..')

/** Where everything lives: caches shared by all checkouts, and one folder for this checkout's cluster. */
export type Paths = {
  /** What survives `down`: toolchain, images, build layers. */
  cache: string
  /** This checkout's folder inside the cache. */
  checkout: string
  /** The cluster's state: etcd, keys, volumes, logs. Removed by `down`. */
  state: string
  /** containerd's image store of this checkout. Kept by `down`, so that images are imported once. */
  imageStore: string
  /** Short hash of the checkout's path: the name of its cgroup and of its folder. */
  checkoutKey: string
}

/**
 * Derives every folder from the environment and the checkout's path.
 *
 * @param env `MYTAEK1_CACHE` wins over `XDG_CACHE_HOME/mytaek1`, which wins over `~/.cache/mytaek1`.
 * @param root the checkout's absolute path.
 */
export function pathsFor(env: NodeJS.ProcessEnv, root: string = checkoutRoot): Paths {
  const cache = path.resolve(
    env['MYTAEK1_CACHE'] ?? path.join(env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'mytaek1'),
  )
  const checkoutKey = createHash('sha256').update(root).digest('hex').slice(0, 10)
  const checkout = path.join(cache, 'clusters', checkoutKey)
  return {
    cache,
    checkout,
    state: path.join(checkout, 'state'),
    imageStore: path.join(checkout, 'images'),
    checkoutKey,
  }
}
