import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { doorOf, inputOf, reportShape, type Job, type Report } from './job.ts'
import { TranscoderServer } from './server.ts'
import { startTranscoder } from './testing/transcoder-fixture.ts'

const job: Job = {
  kind: 'ladder',
  run: '0123456789ab',
  rungs: [{ width: 160, height: 120, bitrateBps: 200_000 }],
  frameRate: 30,
  preset: 'ultrafast',
  interlaced: false,
}

/** A program in ffmpeg's place. */
async function program(t: TestContext, script: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-transcoder-test-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  await writeFile(join(directory, 'ffmpeg'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return join(directory, 'ffmpeg')
}

/** A transcoder that runs the script, what asks it, and what it reports. */
async function asked(t: TestContext, script: string) {
  const { directory, close } = await startTranscoder(await program(t, script))
  t.after(close)
  return ask(t, directory, job)
}

function ask(t: TestContext, directory: string, words: unknown) {
  const socket = connect({ path: doorOf(directory), allowHalfOpen: true })
  t.after(() => socket.destroy())
  socket.write(`${JSON.stringify(words)}\n`)
  return { socket, reports: reportsOf(socket), directory }
}

async function* reportsOf(socket: Socket): AsyncGenerator<Report> {
  for await (const line of createInterface({ input: socket })) yield reportShape.parse(JSON.parse(line))
}

async function allOf(reports: AsyncIterable<Report>): Promise<Report[]> {
  const all: Report[] = []
  for await (const report of reports) all.push(report)
  return all
}

const isGone = (pid: number) =>
  access(`/proc/${pid}`).then(
    () => false,
    () => true,
  )

test('what is no job starts nothing', { timeout: 300_000 }, async (t) => {
  const hostile = {
    'an argument list': { kind: 'ladder', args: ['-i', '/etc/passwd'] },
    'a path out of the directory': { ...job, run: '../../etc/x' },
    'a rate that is a filter': { ...job, rungs: [{ width: 160, height: 120, bitrateBps: '1 -f null' }] },
    'a preset of its own': { ...job, preset: 'veryfast -y /tmp/x' },
    'more rungs than there are': { ...job, rungs: Array.from({ length: 7 }, () => job.rungs[0]) },
    'a list': [job],
    'a line that is too long': 'x'.repeat(20_000),
  }
  for (const [name, words] of Object.entries(hostile)) {
    const ffmpeg = await program(t, 'touch "$0.ran"')
    const { directory, close } = await startTranscoder(ffmpeg)
    t.after(close)
    const reports = await allOf(ask(t, directory, words).reports)
    assert.ok(
      reports.every((report) => 'failed' in report),
      name,
    )
    await assert.rejects(access(`${ffmpeg}.ran`), name)
  }
})

test(
  'a run tells its start, its words and its end; of words no more than anybody reads',
  { timeout: 300_000 },
  async (t) => {
    const { reports } = await asked(t, 'head -c 1000000 /dev/zero | tr "\\0" x >&2; exit 3')
    const [started, ...rest] = await allOf(reports)
    assert.ok(started && 'started' in started)
    assert.deepEqual(rest.at(-1), { ended: { code: 3, signal: null } })
    const said = rest.flatMap((report) => ('said' in report ? report.said : [])).join('')
    assert.ok(said.length > 0 && said.length <= 16_384, `${said.length} characters`)
  },
)

test("the connection's end is ffmpeg's end", { timeout: 300_000 }, async (t) => {
  for (const end of ['end', 'destroy'] as const) {
    const { socket, reports } = await asked(t, 'exec sleep 60')
    const { value } = await reports.next()
    assert.ok(value && 'started' in value)
    socket[end]()
    while (!(await isGone(value.started))) await wait(5)
  }
})

test('a transcoder that starts again takes the place of one that was killed', { timeout: 300_000 }, async (t) => {
  const { directory, close } = await startTranscoder(await program(t, 'exit 0'))
  t.after(close)
  const stale = createServer().listen(doorOf(join(directory)).replace('.sock', '.old'))
  await once(stale, 'listening')
  t.after(() => stale.close())
  await promisify(execFile)('ln', ['-f', doorOf(directory).replace('.sock', '.old'), doorOf(directory)])
  const server = new TranscoderServer({ directory, ffmpegPath: await program(t, 'exit 0') })
  await server.listen()
  t.after(() => server.close())
  const [started, ended] = await allOf(ask(t, directory, job).reports)
  assert.ok(started && 'started' in started)
  assert.deepEqual(ended, { ended: { code: 0, signal: null } })
})

test("the process's ffmpeg sees no variable but the PATH, and ends with it", { timeout: 300_000 }, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-transcoder-test-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const env = { PATH: process.env['PATH'], TRANSCODER_DIR: directory, S3_SECRET_ACCESS_KEY: 'not-for-you' }
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts'), 'transcoder'], {
    env,
    stdio: 'inherit',
  })
  t.after(() => child.kill('SIGKILL'))
  while (
    !(await access(doorOf(directory)).then(
      () => true,
      () => false,
    ))
  )
    await wait(10)
  const input = createServer().listen(inputOf(directory, job.run)) // ffmpeg waits there for its first byte
  t.after(() => input.close())
  const connected = once(input, 'connection') as Promise<[Socket]>
  const { reports } = ask(t, directory, job)
  const { value } = await reports.next()
  assert.ok(value && 'started' in value)
  const [socket] = await connected
  socket.resume()
  assert.match(await readFile(`/proc/${value.started}/environ`, 'utf8'), /^PATH=[^\0]*\0$/)
  const closed = once(socket, 'close')
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
  socket.end() // as the stream process does when the transcoder is gone
  await closed
  while (!(await isGone(value.started))) await wait(5)
})
