import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { spawnChild } from './spawn-child.ts'

const run = promisify(execFile)
const tested = JSON.stringify(join(import.meta.dirname, 'spawn-child.ts'))

/** Takes every file descriptor, fails to start a child, gives them back, and starts one. */
const script = `
  import { closeSync, openSync } from 'node:fs'
  import { spawnChild } from ${tested}
  const taken = []
  try {
    for (;;) taken.push(openSync('/dev/null'))
  } catch {}
  let said = 'nothing'
  try {
    spawnChild('true', [], { stdio: 'pipe' })
  } catch ({ message }) {
    said = message
  }
  for (const descriptor of taken) closeSync(descriptor)
  await new Promise(setImmediate) // Node's own 'error' comes at the next tick
  spawnChild('true', [], { stdio: 'pipe' }).once('close', (code) => process.stdout.write(said + ' ' + code))
`

test('a process without a file descriptor left lives on, is told so, and starts children when it has some again', async () => {
  const limited = ['-c', 'ulimit -n 64; exec "$0" --input-type=module --eval "$1"', process.execPath, script]
  const { stdout } = await run('/bin/sh', limited, { timeout: 120_000 })
  assert.match(stdout, /^Cannot start true: .*EMFILE.* 0$/)
})

test('a child sees no variable of ours but the PATH', async () => {
  const child = spawnChild('env', [], { stdio: ['ignore', 'pipe', 'ignore'] })
  assert.ok(child.stdout)
  assert.equal((await text(child.stdout)).replace(/^PATH=.*\n/, ''), '')
})
