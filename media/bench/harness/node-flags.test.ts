import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodeFlags } from './node-flags.ts'

const templates = join(import.meta.dirname, '../../../charts/mytaek1/templates')

test('the benches start Node as the chart does', async () => {
  for (const [file, ...flags] of [
    ['ingest/_env.tpl', nodeFlags.ingest],
    ['stream/_pod.tpl', nodeFlags.stream, nodeFlags.transcoder],
    ['edge/_env.tpl', nodeFlags.edge],
  ] as const) {
    const found = (await readFile(join(templates, file), 'utf8')).matchAll(/name: NODE_OPTIONS, value: (\S+) }/g)
    assert.deepEqual(
      [...found].map(([, options]) => options),
      flags.map((each) => each.join(' ')),
      file,
    )
  }
})
