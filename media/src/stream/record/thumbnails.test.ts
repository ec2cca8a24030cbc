import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const from = (file: string) => JSON.stringify(join(import.meta.dirname, file))

/** Offers a key frame while there is no file descriptor left, and another when there are some again. */
const script = `
  import { closeSync, openSync } from 'node:fs'
  import { parseAvcConfig } from ${from('../remux/avc.ts')}
  import { avcRecords } from ${from('../testing/flv-messages.ts')}
  import { startTranscoder } from ${from('../../transcoder/testing/transcoder-fixture.ts')}
  import { ThumbnailMaker } from ${from('./thumbnails.ts')}
  const config = parseAvcConfig(avcRecords.hd30)
  const sample = { dts: 0, pts: 0, duration: 3000, keyFrame: true, data: Buffer.alloc(1) }
  const said = []
  const log = { warn: (event) => said.push(event) }
  const { directory } = await startTranscoder(process.argv[1])
  const maker = new ThumbnailMaker({ everySeconds: 1, log, directory })
  const taken = []
  try {
    for (;;) taken.push(openSync('/dev/null'))
  } catch {}
  maker.keyFrame(sample, config, 0)
  while (said.length === 0) await new Promise(setImmediate)
  for (const descriptor of taken) closeSync(descriptor)
  maker.keyFrame(sample, config, 500)
  maker.keyFrame(sample, config, 1000)
  while (maker.latest === undefined) await new Promise(setImmediate)
  process.stdout.write(said.join() + ' ' + maker.latest, () => process.exit())
`

test('a picture that no process can be made for is missed; the next one is made', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-thumbnails-test-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const ffmpeg = join(directory, 'ffmpeg')
  const picture = `require('node:net').connect(process.argv.at(-1).slice(5)).end('picture')`
  await writeFile(ffmpeg, `#!${process.execPath}\n${picture}`, { mode: 0o755 })
  const limited = 'ulimit -n 64; exec "$0" --input-type=module --eval "$1" "$2"'
  const { stdout } = await run('/bin/sh', ['-c', limited, process.execPath, script, ffmpeg], { timeout: 120_000 })
  assert.equal(stdout, 'thumbnail.failed picture')
})
