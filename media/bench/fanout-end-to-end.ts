/**
 * The second half of `make bench-fanout`: what a viewer costs end to end. Through the ingress controller and through the
 * chart's door, clear and over TLS 1.3 with HTTP/2, in one run. Counted is the CPU of whatever stands between viewer and Pod,
 * the edge included: viewers a core are as many as would use one up at four requests a second.
 *
 * Each way is given about as many viewers as take a third of a core: the busier, the more a process does at once.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeDoor } from './harness/door.ts'
import { writeIngress } from './harness/ingress.ts'
import { childrenOf, CpuMeter } from './harness/process-meter.ts'
import { freePort } from '@mytaek1/platform/testing/parts.ts'

const requestsPerViewer = 4 // a second: two playlists, two parts

/** What an audience did. */
export interface Watched {
  readonly requests: number
  readonly errors: number
  readonly elapsedSeconds: number
  readonly lateness?: { readonly p50: number; readonly p99: number }
}

/** An edge process. */
export interface Edge {
  readonly port: number
  readonly logPort: number
  readonly pid: number
}

export interface EndToEndOptions {
  readonly folder: string
  readonly name: string // of the edge, for the table
  readonly certificate: { readonly certificate: string; readonly key: string }
  readonly edge: Edge
  /** Starts a server beside the edge. */
  readonly run: (command: string, args: string[]) => ChildProcess
  /** Resolves when something answers at the port. */
  readonly answers: (port: number) => Promise<void>
  /** Lets an audience watch, and tells meters when its measuring begins and ends. */
  readonly watch: (
    options: { port: number; viewers: number; secure: boolean },
    meter: { begin: () => void; end: () => void },
  ) => Promise<Watched>
  readonly print: (line: string) => void
}

/** Viewers a core. */
export interface EndToEnd {
  readonly ingress: number
  readonly ingressTls: number
  readonly door: number
  readonly doorTls: number
}

/** Measures all four. */
export async function endToEnd(options: EndToEndOptions): Promise<EndToEnd> {
  const { folder, certificate, edge, run, answers, print } = options
  const ports = {
    ingress: await freePort(),
    ingressTls: await freePort(),
    door: await freePort(),
    doorTls: await freePort(),
  }
  const [traefik, args] = await writeIngress({
    folder,
    edgePort: edge.port,
    port: ports.ingress,
    tls: { port: ports.ingressTls, ...certificate },
  })
  const ingress = run(traefik, args)
  const tls = { port: ports.doorTls, ...certificate }
  const door = run('nginx', [
    '-e',
    'stderr',
    '-c',
    await writeDoor({ folder, edgePort: edge.port, logPort: edge.logPort, port: ports.door, tls }),
  ])
  await answers(ports.ingress)
  await answers(ports.door)
  const measured = async (
    name: string,
    server: ChildProcess,
    how: { port: number; viewers: number; secure: boolean },
  ) => {
    const pid = server.pid ?? 0
    const meters = [new CpuMeter(edge.pid), new CpuMeter(pid, ...childrenOf(pid))]
    const report = await options.watch(how, {
      begin: () => meters.forEach((meter) => meter.begin()),
      end: () => meters.forEach((meter) => meter.end()),
    })
    const [edges = Number.NaN, before = Number.NaN] = meters.map(({ microseconds }) => microseconds / report.requests)
    const cost = edges + before
    const viewersPerCore = Math.round(1e6 / (cost * requestsPerViewer))
    const { p50 = Number.NaN, p99 = Number.NaN } = report.lateness ?? {}
    print(
      `${options.name.padEnd(5)} ${name.padEnd(12)} ${how.viewers} viewers: ${cost.toFixed(1)} us CPU a request with the edge's` +
        ` ${edges.toFixed(1)}, lateness p50 ${p50} ms p99 ${p99} ms,` +
        ` ${report.errors} errors: ${viewersPerCore} viewers a core`,
    )
    return report.errors === 0 ? viewersPerCore : 0
  }
  try {
    return {
      ingress: await measured('ingress', ingress, { port: ports.ingress, viewers: 300, secure: false }),
      door: await measured('door', door, { port: ports.door, viewers: 2_000, secure: false }),
      ingressTls: await measured('ingress, TLS', ingress, { port: ports.ingressTls, viewers: 150, secure: true }),
      doorTls: await measured('door, TLS', door, { port: ports.doorTls, viewers: 500, secure: true }),
    }
  } finally {
    ingress.kill('SIGKILL')
    const ended = once(door, 'exit')
    door.kill('SIGTERM') // by its own hand: killed, it would leave its workers
    await ended
  }
}
