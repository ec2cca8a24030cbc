import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

test('the committed API types are what the services’ documents say now', () => {
  const script = join(import.meta.dirname, '../../scripts/render-api-types.ts')
  const { status, stderr } = spawnSync(process.execPath, [script, 'check'], { encoding: 'utf8', timeout: 300_000 })
  assert.equal(status, 0, stderr)
})
