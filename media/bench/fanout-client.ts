/**
 * The viewers of the fan-out bench, a program of their own on the other core. Sockets are read into one shared buffer
 * and responses are recognised by their Content-Length: a viewer costs a few microseconds a request.
 *
 * Argument: one JSON object, see `Order`. Prints one JSON object, `Report`.
 */
import { type Socket, connect } from 'node:net'
import { partMs, partPath, playlistPath } from './fanout-origin.ts'

/** `watch`: viewers that follow the live edge. `closed`: as many requests as go. `held`: one held playlist request each. */
export type Order =
  | { mode: 'watch'; port: number; viewers: number; seconds: number; epoch: number }
  | { mode: 'closed'; port: number; connections: number; seconds: number; targets: string[] }
  | { mode: 'held'; port: number; viewers: number; n: number; epoch: number }

export interface Report {
  requests: number
  errors: number
  bytes: number
  elapsedSeconds: number
  cpuSeconds: number
  lateness?: { p50: number; p99: number; max: number } // milliseconds after the part was published
  releaseMs?: number // from the publication of the part to the last byte of the last response
}

const shared = Buffer.allocUnsafe(256 * 1024)
const connectPerTick = 50
let requests = 0
let errors = 0
let bytes = 0

/** One kept-alive connection; `onDone` after every whole response. */
class Viewer {
  readonly #socket: Socket
  #missing = -1 // bytes of the current response still to come; -1: its head is not here yet
  #head = ''
  onDone: (status: number) => void = () => {}
  #status = 0

  constructor(port: number, index: number, ready: () => void) {
    const read = (length: number, buffer: Uint8Array) => this.#read(length, buffer as Buffer)
    const onread = { buffer: shared, callback: (length: number, buffer: Uint8Array) => (read(length, buffer), true) }
    // Many source addresses: one has 28,000 ports only.
    this.#socket = connect(
      { port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (index % 200)}`, noDelay: true, onread },
      ready,
    )
    this.#socket.on('error', () => (errors += 1))
  }

  ask(target: string): void {
    this.#socket.write(
      `GET /hls/b-bench${target} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: gzip\r\nUser-Agent: fanout\r\n\r\n`,
    )
  }

  askRaw(target: string): void {
    this.#socket.write(`GET ${target} HTTP/1.1\r\nHost: bench\r\nUser-Agent: fanout\r\n\r\n`)
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(length: number, buffer: Buffer): void {
    bytes += length
    if (this.#missing === -1) {
      this.#head += buffer.toString('latin1', 0, Math.min(length, 2_048))
      const end = this.#head.indexOf('\r\n\r\n')
      if (end === -1) return
      this.#status = Number(this.#head.slice(9, 12))
      const [, contentLength] = /content-length: (\d+)/i.exec(this.#head.slice(0, end)) ?? []
      this.#missing = Number(contentLength) + end + 4
      this.#head = ''
    }
    this.#missing -= length
    if (this.#missing > 0) return
    this.#missing = -1
    requests += 1
    if (this.#status !== 200) errors += 1
    this.onDone(this.#status)
  }
}

async function connectAll(port: number, count: number): Promise<Viewer[]> {
  const viewers: Viewer[] = []
  while (viewers.length < count) {
    const batch = Array.from({ length: Math.min(connectPerTick, count - viewers.length) }, (_, index) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      viewers.push(new Viewer(port, viewers.length + index, resolve))
      return promise
    })
    await Promise.race([
      Promise.all(batch),
      new Promise((_resolve, reject) => setTimeout(reject, 30_000, new Error('cannot connect')).unref()),
    ])
  }
  return viewers
}

const publishedAt = (n: number, epoch: number) => epoch + (n + 1) * partMs
const now = () => performance.timeOrigin + performance.now()

async function watch({ port, viewers: count, seconds, epoch }: Extract<Order, { mode: 'watch' }>): Promise<Report> {
  const viewers = await connectAll(port, count)
  const lateness: number[] = []
  let measuring = false
  for (const viewer of viewers) {
    let n = Math.floor((now() - epoch) / partMs) + 1
    let wantsPart = false
    viewer.onDone = () => {
      if (!wantsPart) {
        wantsPart = true
        return viewer.ask(partPath(n))
      }
      wantsPart = false
      if (measuring) lateness.push(now() - publishedAt(n, epoch))
      n += 1
      viewer.ask(playlistPath(n))
    }
    viewer.ask(playlistPath(n))
  }
  await sleep(3_000)
  measuring = true
  const report = await measured(seconds)
  lateness.sort((a, b) => a - b)
  const at = (share: number) => Math.round((lateness[Math.floor(lateness.length * share)] ?? Number.NaN) * 10) / 10
  return { ...report, lateness: { p50: at(0.5), p99: at(0.99), max: at(0.999_999) } }
}

async function closed({ port, connections, seconds, targets }: Extract<Order, { mode: 'closed' }>): Promise<Report> {
  for (const viewer of await connectAll(port, connections)) {
    let index = 0
    viewer.onDone = () => viewer.askRaw(targets[index++ % targets.length] ?? '/')
    viewer.onDone(200)
  }
  await sleep(5_000) // until the server's code is compiled
  return measured(seconds)
}

/** Asks for a part that is published later, then waits until everybody has its playlist. */
async function held({ port, viewers: count, n, epoch }: Extract<Order, { mode: 'held' }>): Promise<Report> {
  const viewers = await connectAll(port, count)
  const { promise, resolve } = Promise.withResolvers<number>()
  let left = viewers.length
  for (const viewer of viewers) {
    viewer.onDone = () => {
      left -= 1
      if (left === 0) resolve(now())
    }
    viewer.ask(playlistPath(n))
  }
  const early = publishedAt(n, epoch) - now()
  if (early < 500) throw new Error(`connecting took too long: the part comes in ${early} ms`)
  const report = measured(early / 1_000)
  const last = await promise
  return { ...(await report), releaseMs: Math.round(last - publishedAt(n, epoch)) }
}

async function measured(seconds: number): Promise<Report> {
  process.stderr.write('begin\n') // the bench reads the server's CPU time and memory now
  const [requests0, errors0, bytes0, cpu0, startedAt] = [requests, errors, bytes, process.cpuUsage(), performance.now()]
  await sleep(seconds * 1_000)
  const cpu = process.cpuUsage(cpu0)
  process.stderr.write('end\n')
  return {
    requests: requests - requests0,
    errors: errors - errors0,
    bytes: bytes - bytes0,
    elapsedSeconds: (performance.now() - startedAt) / 1_000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const order = JSON.parse(process.argv[2] ?? '{}') as Order
const report =
  order.mode === 'watch' ? await watch(order) : order.mode === 'closed' ? await closed(order) : await held(order)
process.stdout.write(`${JSON.stringify(report)}\n`)
process.exit(0)
