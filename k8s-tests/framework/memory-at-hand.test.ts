import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { keepMemoryAtHand } from './memory-at-hand.ts'

test('memory is held, let go of bit by bit, and the process that held it ends', async () => {
  const holder = await keepMemoryAtHand(4)
  const { pid, exited } = holder
  // the most that it ever held: some of it may have been let go of before this is read
  const [, kib] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  assert.ok(Number(kib) > 2 * 64 * 1024, `${kib} KiB`)
  assert.equal(await exited, 0)
})
