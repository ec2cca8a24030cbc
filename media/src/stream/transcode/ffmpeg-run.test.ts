import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { doorOf } from '../../transcoder/job.ts'
import { startTranscoder } from '../../transcoder/testing/transcoder-fixture.ts'
import { FfmpegRun, type Work } from './ffmpeg-run.ts'

const work: Work = { kind: 'thumbnail', width: 160, height: 120, interlaced: false }

/** A program in ffmpeg's place: it has connected to `input` and `output`, as ffmpeg does. */
async function program(t: TestContext, script: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-run-test-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const file = join(directory, 'ffmpeg')
  const body = `
    const { connect } = require('node:net')
    const paths = process.argv.filter((word) => word.startsWith('unix:')).map((word) => word.slice(5))
    const [input, output] = paths.map((path) => connect(path))
    input.on('error', () => {})
    output.on('error', () => {})
    ${script}`
  await writeFile(file, `#!${process.execPath}\n${body}`, { mode: 0o755 })
  return file
}

async function runOf(t: TestContext, script: string, onOutput: (chunk: Buffer) => void = () => undefined) {
  const transcoder = await startTranscoder(await program(t, script))
  t.after(() => transcoder.close())
  const run = new FfmpegRun({ directory: transcoder.directory, work, onOutput: (_index, chunk) => onOutput(chunk) })
  t.after(() => run.kill())
  return { run, transcoder }
}

test(
  'what is written before ffmpeg is there reaches it, and all that it wrote is read',
  { timeout: 300_000 },
  async (t) => {
    const chunks: Buffer[] = []
    const echo = `input.on('data', (data) => output.write(data)); input.on('end', () => output.end(() => process.exit(0)))`
    const { run, transcoder } = await runOf(t, echo, (chunk) => chunks.push(chunk))
    const data = Buffer.alloc(3_000_000, 'picture')
    run.write(data)
    assert.equal(run.backlogBytes, data.length)
    run.end()
    assert.deepEqual(await run.ended, { code: 0, signal: null })
    assert.ok(Buffer.concat(chunks).equals(data))
    assert.deepEqual(await readdir(transcoder.directory), ['transcoder.sock'])
  },
)

test('one that ends before it has connected is over, too', { timeout: 300_000 }, async (t) => {
  const { directory, close } = await startTranscoder('/bin/false')
  t.after(close)
  const run = new FfmpegRun({ directory, work, onOutput: () => undefined })
  assert.deepEqual(await run.ended, { code: 1, signal: null })
})

test('output that nobody can read ends the run, not the process', { timeout: 300_000 }, async (t) => {
  const { run } = await runOf(t, `output.write('not what was asked for')`, () => {
    throw new Error('no FLV')
  })
  assert.deepEqual(await run.ended, { failed: 'bad output: no FLV' })
})

test('a killed run takes no more, and ffmpeg is gone when that is told', { timeout: 300_000 }, async (t) => {
  const ready = Promise.withResolvers<void>()
  const { run } = await runOf(t, `output.write('here')`, () => ready.resolve())
  await ready.promise
  const { pid } = run
  assert.ok(pid)
  const killed = run.kill()
  run.write(Buffer.alloc(1000))
  assert.equal(run.backlogBytes, 0)
  await killed
  assert.deepEqual(await run.ended, { code: null, signal: 'SIGKILL' })
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

test('a killed run ends as ffmpeg did, though this process stood still meanwhile', { timeout: 300_000 }, async (t) => {
  const ready = Promise.withResolvers<void>()
  const { run } = await runOf(t, `output.write('here')`, () => ready.resolve())
  await ready.promise
  const killed = run.kill()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500) // longer than it is waited for
  await killed
  assert.deepEqual(await run.ended, { code: null, signal: 'SIGKILL' })
})

test('whatever a transcoder says, a killed run ends', { timeout: 300_000 }, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-run-test-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const tell = (socket: Socket) => socket.write('{"started":7}\n')
  const connections: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.push(socket.on('error', () => undefined))
    socket.once('data', () => tell(socket)).once('end', () => tell(socket)) // and it goes on
  })
  t.after(() => {
    for (const socket of connections) socket.destroy()
    server.close()
  })
  await once(server.listen(doorOf(directory)), 'listening')
  const run = new FfmpegRun({ directory, work, onOutput: () => undefined })
  t.after(() => run.kill())
  while (run.pid === undefined) await wait(5)
  await run.kill()
  assert.deepEqual(await run.ended, { failed: 'killed' })
})

test(
  'without a transcoder, or when it goes, the run fails at once and leaves nothing behind',
  { timeout: 300_000 },
  async (t) => {
    const ready = Promise.withResolvers<void>()
    const { run, transcoder } = await runOf(t, `output.write('here')`, () => ready.resolve())
    await ready.promise
    await transcoder.close()
    const end = await run.ended
    assert.ok('failed' in end && /gone/.test(end.failed), JSON.stringify(end))
    const directory = await mkdtemp(join(tmpdir(), 'mytaek1-run-test-'))
    t.after(() => rm(directory, { recursive: true, force: true }))
    const alone = await new FfmpegRun({ directory, work, onOutput: () => undefined }).ended
    assert.ok('failed' in alone && /ENOENT/.test(alone.failed), JSON.stringify(alone))
    assert.deepEqual(await readdir(directory), [])
  },
)
