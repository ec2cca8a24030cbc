/**
 * `make bench-fanout`: how many viewers one edge process on one core carries, what a request costs beside nginx, and
 * what ten thousand held requests cost. The audience is a Go program of its own on the other core.
 *
 * Viewers are of two kinds. With hints they ask for a part when a playlist announces it, as the draft means it and the
 * watch page and Apple's player do; without, when a playlist lists it, as hls.js alone does: then two waves of requests
 * follow every part. Both make four requests a second. The last line is of viewers with hints; the others are in the table.
 *
 * First the same end to end, through the ingress controller and through the chart's door, each before the edge as it is and
 * before one on node:http: fanout-end-to-end.ts.
 *
 * Environment: END_TO_END=only or no; WAY, what the other figures are of: `edge` (the default), `plain` (the edge on
 * node:http), `door` or `door-plain` (the door before either); BENCH_SECONDS of the decisive runs (60), STEP_SECONDS of the
 * others (10), VIEWERS (comma-separated counts to try, ascending), HELD (10000). Needs nginx with Lua, openssl, taskset
 * (util-linux) and Go.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { type Edge, type EndToEnd, endToEnd } from './fanout-end-to-end.ts'
import { writeDoor } from './harness/door.ts'
import { nodeFlags } from './harness/node-flags.ts'
import { selfSigned } from './harness/self-signed.ts'
import { childrenOf, CpuMeter, rssMb } from './harness/process-meter.ts'
import { partBytes, partMs, partPath, partsPerSegment, playlistPath } from './fanout-origin.ts'

const serverCore = '0'
const clientCore = availableParallelism() > 1 ? '1' : '0'
const maxLatenessMs = 150
const seconds = Number(process.env['BENCH_SECONDS'] ?? 60)
const stepSeconds = Number(process.env['STEP_SECONDS'] ?? 10)
const counts = (process.env['VIEWERS'] ?? '2000,3000,4000,5000,6000,7000,8000').split(',').map(Number)
const heldCount = Number(process.env['HELD'] ?? 10_000)
const connectPerSecond = 4_000
const base = '/hls/b-bench'
const children = new Set<ChildProcess>()
const print = (line: string) => void process.stdout.write(`${line}\n`)

/** Where an audience asks, and whose CPU that takes. */
interface Way {
  readonly port: number
  readonly pids: readonly number[]
  readonly hasDoor: boolean
}

interface Watch {
  port: number
  viewers: number
  seconds: number
  hints: boolean
}

/** What the audience is to do; its fields are explained in fanout-viewers/main.go. */
type Order =
  | ({ mode: 'watch' | 'watchSecure' } & Watch)
  | { mode: 'closed'; port: number; viewers: number; seconds: number; targets: string[] }
  | { mode: 'held'; port: number; viewers: number; part: number; states: number }

/** What it did. */
interface Report {
  requests: number
  errors: number
  bytes: number
  elapsedSeconds: number
  cpuSeconds: number
  lateness?: { p50: number; p99: number; max: number } // milliseconds after the part was published
  releaseMs?: number[] // of each held playlist: from the part's publication to the last byte of the last response
}

const folder = await mkdtemp(join(tmpdir(), 'mytaek1-fanout-'))
const audience = join(folder, 'viewers')
const epoch = Math.floor(Date.now() / 1_000) * 1_000 - 60_000
try {
  await build()
  const podPort = await freePort()
  run(clientCore, process.execPath, [file('fanout-origin.ts'), `${podPort}`, `${epoch}`])
  await answers(`http://127.0.0.1:${podPort}/stats`)
  const edges = { own: await startEdge(podPort, 'own'), plain: await startEdge(podPort, 'node:http') }
  const certificate = await selfSigned(folder)
  const ends: Partial<Record<keyof typeof edges, EndToEnd>> = {}
  if (process.env['END_TO_END'] !== 'no')
    for (const [name, edge] of [
      ['own', edges.own],
      ['plain', edges.plain],
    ] as const) {
      await mkdir(join(folder, name))
      ends[name] = await endToEnd({
        folder: join(folder, name),
        name,
        certificate,
        edge,
        run: (command, args) => run(serverCore, command, args),
        answers: (port) => answers(`http://127.0.0.1:${port}/`),
        watch: ({ port, viewers, secure }, meter) =>
          client({ mode: secure ? 'watchSecure' : 'watch', port, viewers, seconds: stepSeconds, hints: true }, meter),
        print,
      })
    }
  const both = { ...ends.own, plain: ends.plain }
  if (process.env['END_TO_END'] === 'only') print(JSON.stringify({ endToEnd: both }))
  else print(JSON.stringify({ ...(await alone(await wayTo(edges), podPort)), endToEnd: both }))
} finally {
  // nginx by its own hand: killed, it would leave its workers
  for (const child of children) child.kill(child.spawnargs.includes('nginx') ? 'SIGTERM' : 'SIGKILL')
  await rm(folder, { recursive: true })
}

async function startEdge(podPort: number, reader: 'own' | 'node:http'): Promise<Edge> {
  const [port, logPort] = [await freePort(), await freePort()]
  const child = run(serverCore, process.execPath, [
    ...nodeFlags.edge,
    file('fanout-edge.ts'),
    ...[port, podPort, logPort].map(String),
    reader,
  ])
  await answers(`http://127.0.0.1:${port}/`)
  return { port, logPort, pid: child.pid ?? 0 }
}

/** The way that the environment asks for. */
async function wayTo(edges: Record<'own' | 'plain', Edge>): Promise<Way> {
  const asked = process.env['WAY'] ?? 'edge'
  const edge = asked.endsWith('plain') ? edges.plain : edges.own
  if (!asked.startsWith('door')) return { port: edge.port, pids: [edge.pid], hasDoor: false }
  const port = await freePort()
  const config = await writeDoor({ folder: join(folder, 'door'), port, edgePort: edge.port, logPort: edge.logPort })
  const { pid = 0 } = run(serverCore, 'nginx', ['-e', 'stderr', '-c', config])
  await answers(`http://127.0.0.1:${port}/`)
  return { port, pids: [edge.pid, pid, ...childrenOf(pid)], hasDoor: true }
}

/** One way's figures: what a request costs beside nginx, ten thousand held, and how many watch. */
async function alone(way: Way, podPort: number) {
  // the audience asks here without gzip, which the door undoes piece by piece, and reads no pieces
  const perRequest = way.hasDoor ? null : await compare(way)
  const held = await hold(way)
  const before = await askedOfPod(podPort)
  const best = await mostViewers(way, true)
  const withoutHints = await mostViewers(way, false)
  const upstreamPerPart = await upstreamRequests(podPort, before)
  print(`most viewers without hints: ${withoutHints.viewers}, p99 lateness ${withoutHints.p99} ms`)
  print(`upstream requests per part: ${upstreamPerPart}`)
  return { viewers: best.viewers, p99LatenessMs: best.p99, cpuPerRequestOverNginx: perRequest, upstreamPerPart, held }
}

/** The audience is a Go program: its own CPU must not be what is measured. Only the standard library, so no network. */
async function build(): Promise<void> {
  const go = spawn('go', ['build', '-o', audience, '.'], {
    cwd: join(import.meta.dirname, 'fanout-viewers'),
    env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' },
    stdio: 'inherit',
  })
  const [code] = (await once(go, 'exit')) as [number] // rejects where there is no Go
  if (code !== 0) throw new Error('go build failed')
}

/** The same client asks for the same bodies: from the edge's memory, and from nginx as files. */
async function compare(way: Way): Promise<number> {
  const n = Math.floor((Date.now() - epoch) / partMs) - 4
  const paths = [playlistPath(n), partPath(n)]
  const nginxPort = await freePort()
  const names = ['playlist.m3u8', 'part.m4s']
  for (const [index, path] of paths.entries()) {
    const response = await fetch(`http://127.0.0.1:${way.port}${base}${path}`, {
      headers: { 'accept-encoding': 'identity' },
    })
    await writeFile(join(folder, names[index] ?? ''), Buffer.from(await response.arrayBuffer()))
  }
  await writeFile(join(folder, 'nginx.conf'), nginxConfig(folder, nginxPort))
  const master = run(serverCore, 'nginx', ['-c', join(folder, 'nginx.conf')])
  try {
    await answers(`http://127.0.0.1:${nginxPort}/part.m4s`)
    const worker = (await readFile(`/proc/${master.pid}/task/${master.pid}/children`, 'utf8')).trim()
    const order = { mode: 'closed', viewers: 200, seconds: stepSeconds } as const
    const costOf = async ({ port, pids }: Way, targets: string[]) => {
      const meter = new CpuMeter(...pids)
      const report = await client({ ...order, port, targets }, meter)
      return { cost: meter.microseconds / report.requests, report }
    }
    const nginx = { port: nginxPort, pids: [Number(worker)], hasDoor: false }
    const files = names.map((name) => `/${name}`)
    const reference = await costOf(nginx, files)
    const ours = await costOf(
      way,
      paths.map((path) => `${base}${path}`),
    )
    const again = await costOf(nginx, files)
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
  }
}

/** Ten thousand wait for a playlist, and for the next ones; how long the slowest release took, the first one apart. */
async function hold({ port, pids }: Way) {
  const part = Math.floor((Date.now() - epoch) / partMs) + 2 * Math.ceil(6 + heldCount / connectPerSecond)
  let residentMb = 0
  const report = await client(
    { mode: 'held', port, viewers: heldCount, part, states: 5 },
    {
      begin: async () => {
        await sleep(1_000) // the last requests are on their way
        residentMb = Math.round(pids.reduce((sum, pid) => sum + rssMb(pid), 0))
      },
    },
  )
  const [first = Number.NaN, ...releases] = report.releaseMs ?? []
  print(
    `${heldCount} held requests: ${residentMb} MB, the last one answered ${first} ms after the part, then ${releases.join(', ')} ms,` +
      ` ${report.errors} errors, client ${share(report)} of a core`,
  )
  return { count: heldCount - report.errors, rssMb: residentMb, releaseMs: Math.max(...releases) }
}

/** The most viewers of one kind whose parts come in time, and how late the last hundredth is. */
async function mostViewers(way: Way, hints: boolean) {
  let best: number | undefined
  for (const viewers of counts) {
    const result = await watched(way, { viewers, seconds: stepSeconds, hints })
    if (!result.good) break
    best = viewers
  }
  // The decisive run is longer; where it fails, fewer viewers are tried.
  for (const viewers of counts.filter((count) => best !== undefined && count <= best).toReversed()) {
    const result = await watched(way, { viewers, seconds, hints })
    if (result.good) return { viewers, p99: result.p99 }
  }
  return { viewers: 0, p99: null }
}

async function watched({ port, pids }: Way, options: Omit<Watch, 'port'>) {
  const meter = new CpuMeter(...pids)
  const report = await client({ mode: 'watch', port, ...options }, meter)
  const { p50 = Number.NaN, p99 = Number.NaN } = report.lateness ?? {}
  const rate = Math.round(report.requests / report.elapsedSeconds)
  print(
    `${options.viewers} viewers ${options.hints ? 'with' : 'without'} hints, ${options.seconds} s: lateness p50 ${p50} ms p99 ${p99} ms,` +
      ` ${report.errors} errors, ${rate} requests/s, server ${Math.round(meter.microseconds / 10_000 / report.elapsedSeconds)} %,` +
      ` client ${share(report)} of a core`,
  )
  return { good: report.errors === 0 && p99 <= maxLatenessMs && rate >= options.viewers * 3.9, p99 }
}

/** What the Pod was asked for, and how often. */
async function askedOfPod(podPort: number): Promise<Record<string, number>> {
  return (await (await fetch(`http://127.0.0.1:${podPort}/stats`)).json()) as Record<string, number>
}

/** The most often that one part, or one state of a playlist, was asked of the Pod since `before`. */
async function upstreamRequests(podPort: number, before: Record<string, number>): Promise<number> {
  const asked = Object.entries(await askedOfPod(podPort)).filter(
    ([path]) => path.startsWith('/source/') && before[path] === undefined,
  )
  return Math.max(...asked.map(([, count]) => count))
}

/** Runs the client; `meter` is told when its measuring begins and ends. */
async function client(order: Order, meter: { begin?(): Promise<void> | void; end?(): void }): Promise<Report> {
  const stream = { epoch, partMs, partsPerSegment, partBytes, base, warmUpSeconds: 3, connectPerSecond }
  const child = run(clientCore, audience, [JSON.stringify({ ...stream, ...order })], 'pipe')
  let out = ''
  const marks: (Promise<void> | void)[] = []
  child.stdout?.on('data', (chunk) => (out += String(chunk)))
  if (child.stderr === null) throw new Error('the audience has no standard error')
  createInterface(child.stderr).on('line', (line) => {
    if (line === 'begin') marks.push(meter.begin?.())
    else if (line === 'end') meter.end?.()
    else process.stderr.write(`${line}\n`)
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
    throw new Error(`${command} cannot be started; this bench needs nginx, taskset (util-linux) and Go`, {
      cause: error,
    })
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
