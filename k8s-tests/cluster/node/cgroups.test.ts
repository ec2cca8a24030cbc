import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { hierarchies, passControllersOn } from './cgroups.ts'

/** The machine's cgroup v2: the only hierarchy, or the one beside v1's. */
async function unified(): Promise<string> {
  for (const root of await hierarchies()) {
    if (await stat(path.join(root, 'cgroup.controllers')).catch(() => undefined)) return root
  }
  throw new Error('This kernel has no cgroup v2')
}

test('a cgroup with processes, as a container has for a root, passes its controllers on once they are in a leaf', async (t) => {
  const root = await unified()
  await passControllersOn(root)
  const own = path.join(root, `mytaek1-test-${process.pid}`)
  await mkdir(own)
  const inside = spawn('sleep', ['60'])
  t.after(async () => {
    inside.kill('SIGKILL')
    await once(inside, 'close')
    for (const folder of [path.join(own, 'mytaek1-outside'), own]) await rmdir(folder)
  })
  await writeFile(path.join(own, 'cgroup.procs'), `${inside.pid}`)
  const offered = (await readFile(path.join(own, 'cgroup.controllers'), 'utf8')).trim()
  assert.notEqual(offered, '')
  await passControllersOn(own)
  assert.equal((await readFile(path.join(own, 'cgroup.subtree_control'), 'utf8')).trim(), offered)
  assert.equal(await readFile(path.join(own, 'cgroup.procs'), 'utf8'), '')
  assert.equal(await readFile(path.join(own, 'mytaek1-outside/cgroup.procs'), 'utf8'), `${inside.pid}\n`)
  await passControllersOn(own) // again: nothing changes
})
