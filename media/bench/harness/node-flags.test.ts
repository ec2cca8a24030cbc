import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodeFlags } from './node-flags.ts'

const templates = join(import.meta.dirname, '../../../charts/mytaek1/templates')

test('the benches start Node as the chart does', async () => {
  for (const [file, flags] of [
    ['ingest/_env.tpl', nodeFlags.ingest],
    ['stream/_pod.tpl', nodeFlags.stream],
    ['edge/_env.tpl', nodeFlags.edge],
  ] as const) {
    const [, options = ''] =
      /name: NODE_OPTIONS, value: (\S+) }/.exec(await readFile(join(templates, file), 'utf8')) ?? []
    assert.equal(options, flags.join(' '), file)
  }
})
