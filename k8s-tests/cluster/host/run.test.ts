import assert from 'node:assert/strict'
import { getPriority, setPriority } from 'node:os'
import { test } from 'node:test'
import { run } from './run.ts'

test('a command has the usual priority, though its caller has more: kubectl is no encoder', async (t) => {
  const usual = getPriority()
  t.after(() => setPriority(usual))
  setPriority(-10)
  assert.equal((await run('nice', [])).trim(), '0')
  assert.equal(getPriority(), -10)
})
