import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import test from 'node:test'
import { mountPoints } from './overlay.ts'

test('mount points are read as the kernel escapes them', () => {
  const line = '36 35 98:0 /a /mnt/with\\040space rw,noatime shared:1 - ext4 /dev/root rw'
  assert.deepEqual(mountPoints(`${line}\n`), ['/mnt/with space'])
})

// As in a container, whose root is an overlay: the kernel mounts none upon it.
test(
  'in a cache on an overlay a disk of its own takes the layers, and goes again',
  { skip: process.getuid?.() !== 0 && 'mounts need root' },
  async (t) => {
    const place = await mkdtemp('/var/tmp/mytaek1-overlay-')
    t.after(() => rm(place, { recursive: true, force: true }))
    const module = path.join(import.meta.dirname, 'overlay.ts')
    const inside = `
      const { takesOverlay, ensureOverlay, releaseOverlay, mountPoints } = await import(${JSON.stringify(module)})
      const { readFileSync } = await import('node:fs')
      const cache = ${JSON.stringify(`${place}/merged/cache`)}
      const said = { before: await takesOverlay(cache) }
      await ensureOverlay(cache)
      await ensureOverlay(cache)
      said.after = await takesOverlay(cache + '/buildah')
      said.clusters = await takesOverlay(cache + '/clusters')
      await releaseOverlay(cache)
      said.left = mountPoints(readFileSync('/proc/self/mountinfo', 'utf8')).filter((point) => point.startsWith(cache))
      console.log(JSON.stringify(said))`
    const script = `cd ${place} && mkdir -p lower upper work merged/cache &&
      mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged && exec "$0" --input-type=module -e "$1"`
    const result = spawnSync('unshare', ['--mount', 'sh', '-c', script, process.execPath, inside], { encoding: 'utf8' })
    assert.deepEqual(
      JSON.parse(result.stdout || '{}'),
      { before: false, after: true, clusters: true, left: [] },
      result.stderr,
    )
  },
)
