/** A payment's process holds cards in its memory: nothing writes that memory down when it dies. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const dockerfile = await readFile(join(import.meta.dirname, '../Dockerfile'), 'utf8')

test('the image starts the process without core dumps, in place of its shell, with what it is told', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-image-'))
  t.after(() => rm(folder, { recursive: true }))
  const node = join(folder, 'node') // stands for the real one, and tells how it was started
  await writeFile(node, '#!/bin/sh\necho "$(ulimit -c) $$ $*"\n')
  await chmod(node, 0o755)
  const [command = '', ...rest] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]') as string[]
  const env = { PATH: `${folder}:/usr/bin:/bin` }
  const { stdout, pid } = spawnSync(command, [...rest, 'serve', 'a b'], { env, encoding: 'utf8' })
  assert.equal(stdout.trim(), `0 ${pid} services/payment/src/main.ts serve a b`)
})
