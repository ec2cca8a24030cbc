/**
 * `make bench-fanout`: how many viewers one edge process on one core carries, what a request costs beside nginx, and
 * what ten thousand held requests cost. The load generator is a program of its own on the other core.
 *
 * Environment: BENCH_SECONDS of the decisive run (60), STEP_SECONDS of the others (10), VIEWERS (comma-separated counts to
 * try, ascending), HELD (10000).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import type { Order, Report } from './fanout-client.ts'
import { partMs, partPath, playlistPath } from './fanout-origin.ts'

const serverCore = '0'
const clientCore = availableParallelism() > 1 ? '1' : '0'
const maxLatenessMs = 150
const seconds = Number(process.env['BENCH_SECONDS'] ?? 60)
const stepSeconds = Number(process.env['STEP_SECONDS'] ?? 10)
const counts = (process.env['VIEWERS'] ?? '1000,2000,3000,4000,5000,6000,7000,8000').split(',').map(Number)
const heldCount = Number(process.env['HELD'] ?? 10_000)
const children = new Set<ChildProcess>()
const print = (line: string) => void process.stdout.write(`${line}\n`)

/** CPU time, user and system, that a process used between two marks. */
class CpuMeter {
  microseconds = 0
  readonly #pid: number

  constructor(pid: number) {
    this.#pid = pid
  }

  async begin(): Promise<void> {
    this.microseconds = -(await cpuMicroseconds(this.#pid))
  }

  async end(): Promise<void> {
    this.microseconds += await cpuMicroseconds(this.#pid)
  }
}

try {
  const epoch = Math.floor(Date.now() / 1_000) * 1_000 - 60_000
  const podPort = await freePort()
  const edgePort = await freePort()
  run(clientCore, process.execPath, [file('fanout-origin.ts'), `${podPort}`, `${epoch}`])
  const edge = run(serverCore, process.execPath, [file('fanout-edge.ts'), `${edgePort}`, `${podPort}`])
  await answers(`http://127.0.0.1:${podPort}/stats`)
  await answers(`http://127.0.0.1:${edgePort}/`)

  const perRequest = await compare(edge, edgePort, epoch)
  const held = await hold(edge, edgePort, epoch)
  const best = await mostViewers(edge, edgePort, epoch)
  const upstreamPerPart = await upstreamRequests(podPort)
  print(`upstream requests per part: ${upstreamPerPart}`)
  print(
    JSON.stringify({
      viewers: best?.viewers ?? 0,
      p99LatenessMs: best?.p99 ?? null,
      cpuPerRequestOverNginx: perRequest,
      upstreamPerPart,
      held,
    }),
  )
} finally {
  for (const child of children) child.kill('SIGKILL')
}

/** The same client asks for the same bodies: from the edge's memory, and from nginx as files. */
async function compare(edge: ChildProcess, edgePort: number, epoch: number): Promise<number> {
  const n = Math.floor((Date.now() - epoch) / partMs) - 4
  const paths = [playlistPath(n), partPath(n)]
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-fanout-'))
  const nginxPort = await freePort()
  const names = ['playlist.m3u8', 'part.m4s']
  for (const [index, path] of paths.entries()) {
    const response = await fetch(`http://127.0.0.1:${edgePort}/hls/b-bench${path}`, {
      headers: { 'accept-encoding': 'identity' },
    })
    await writeFile(join(folder, names[index] ?? ''), Buffer.from(await response.arrayBuffer()))
  }
  await writeFile(join(folder, 'nginx.conf'), nginxConfig(folder, nginxPort))
  const master = run(serverCore, 'nginx', ['-c', join(folder, 'nginx.conf')])
  try {
    await answers(`http://127.0.0.1:${nginxPort}/part.m4s`)
    const worker = (await readFile(`/proc/${master.pid}/task/${master.pid}/children`, 'utf8')).trim()
    const order = { mode: 'closed', connections: 200, seconds: stepSeconds } as const
    const costOf = async (pid: number, port: number, targets: string[]) => {
      const meter = new CpuMeter(pid)
      const report = await client({ ...order, port, targets }, meter)
      return { cost: meter.microseconds / report.requests, report }
    }
    const reference = await costOf(
      Number(worker),
      nginxPort,
      names.map((name) => `/${name}`),
    )
    const ours = await costOf(
      edge.pid ?? 0,
      edgePort,
      paths.map((path) => `/hls/b-bench${path}`),
    )
    const again = await costOf(
      Number(worker),
      nginxPort,
      names.map((name) => `/${name}`),
    )
    const nginxCost = (reference.cost + again.cost) / 2
    for (const [name, { cost, report }] of Object.entries({ nginx: reference, edge: ours, 'nginx again': again })) {
      const rate = Math.round(report.requests / report.elapsedSeconds)
      print(
        `${name.padEnd(12)} ${rate} requests/s, ${cost.toFixed(1)} us CPU a request, client ${share(report)} of a core`,
      )
    }
    return round(ours.cost / nginxCost)
  } finally {
    master.kill('SIGQUIT')
    await once(master, 'exit')
    await rm(folder, { recursive: true })
  }
}

async function hold(edge: ChildProcess, port: number, epoch: number) {
  const n = Math.floor((Date.now() - epoch) / partMs) + 2 * Math.ceil(10 + heldCount / 500)
  let rssMb = 0
  const report = await client(
    { mode: 'held', port, viewers: heldCount, n, epoch },
    {
      begin: async () => {
        await sleep(500) // the last requests are on their way
        rssMb = await residentMegabytes(edge.pid ?? 0)
      },
    },
  )
  print(`${heldCount} held requests: ${rssMb} MB, the last one answered ${report.releaseMs} ms after the part`)
  return { count: heldCount, rssMb, releaseMs: report.releaseMs ?? null }
}

async function mostViewers(
  edge: ChildProcess,
  port: number,
  epoch: number,
): Promise<{ viewers: number; p99: number } | undefined> {
  let best: number | undefined
  for (const viewers of counts) {
    const result = await watched(edge, { viewers, seconds: stepSeconds, port, epoch })
    if (!result.good) break
    best = viewers
  }
  // The decisive run is longer; where it fails, fewer viewers are tried.
  for (const viewers of counts.filter((count) => best !== undefined && count <= best).toReversed()) {
    const result = await watched(edge, { viewers, seconds, port, epoch })
    if (result.good) return { viewers, p99: result.p99 }
  }
  return undefined
}

async function watched(edge: ChildProcess, options: { viewers: number; seconds: number; port: number; epoch: number }) {
  const meter = new CpuMeter(edge.pid ?? 0)
  const report = await client({ mode: 'watch', ...options }, meter)
  const { p50 = Number.NaN, p99 = Number.NaN } = report.lateness ?? {}
  const rate = Math.round(report.requests / report.elapsedSeconds)
  print(
    `${options.viewers} viewers, ${options.seconds} s: lateness p50 ${p50} ms p99 ${p99} ms, ${report.errors} errors, ${rate} requests/s,` +
      ` edge ${Math.round(meter.microseconds / 10_000 / report.elapsedSeconds)} %, client ${share(report)} of a core`,
  )
  return { good: report.errors === 0 && p99 <= maxLatenessMs && rate >= options.viewers * 3.9, p99 }
}

/** The most often that one part was asked of the Pod. */
async function upstreamRequests(podPort: number): Promise<number> {
  const asked = (await (await fetch(`http://127.0.0.1:${podPort}/stats`)).json()) as Record<string, number>
  return Math.max(...Object.entries(asked).map(([path, count]) => (path.includes('part-') ? count : 1)))
}

/** Runs the client; `meter` is told when its measuring begins and ends. */
async function client(order: Order, meter: { begin?(): Promise<void>; end?(): Promise<void> }): Promise<Report> {
  const child = run(clientCore, process.execPath, [file('fanout-client.ts'), JSON.stringify(order)], 'pipe')
  let out = ''
  const marks: (Promise<void> | undefined)[] = []
  child.stdout?.on('data', (chunk) => (out += String(chunk)))
  child.stderr?.on('data', (chunk) => {
    if (String(chunk) === 'begin\n') marks.push(meter.begin?.())
    else if (String(chunk) === 'end\n') marks.push(meter.end?.())
    else process.stderr.write(String(chunk))
  })
  await once(child, 'close')
  for (const mark of marks) await mark
  if (out === '') throw new Error('the client failed')
  return JSON.parse(out) as Report
}

function run(core: string, command: string, args: string[], stdio: 'pipe' | 'inherit' = 'inherit'): ChildProcess {
  const child = spawn('taskset', ['-c', core, command, ...args], { stdio: ['ignore', stdio, stdio] })
  children.add(child)
  child.once('exit', () => children.delete(child))
  child.once('error', (error) => {
    throw new Error(`${command} cannot be started; this bench needs nginx and taskset (util-linux)`, { cause: error })
  })
  return child
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(2_000) })
      return
    } catch (error) {
      if (tries > 300) throw error
      await sleep(100)
    }
  }
}

async function cpuMicroseconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000 // clock ticks of 10 ms
}

async function residentMegabytes(pid: number): Promise<number> {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 1024)
}

function nginxConfig(folder: string, port: number): string {
  return `daemon off; worker_processes 1; user root; pid ${folder}/pid; error_log /dev/null;
events { worker_connections 20000; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=100;
  types { application/vnd.apple.mpegurl m3u8; video/mp4 m4s; }
  add_header Cache-Control "public, max-age=12"; add_header Access-Control-Allow-Origin "*";
  server { listen 127.0.0.1:${port} backlog=4096; root ${folder}; }
}
`
}

function file(name: string): string {
  return join(import.meta.dirname, name)
}

function share(report: Report): string {
  return `${Math.round((100 * report.cpuSeconds) / report.elapsedSeconds)} %`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
