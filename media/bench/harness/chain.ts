/** The media plane of one broadcast as processes on this machine: ingest → stream (and its transcoder) → edge. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LatencyProfile } from '../../src/stream/hls/part-target.ts'
import { nodeFlags } from './node-flags.ts'
import { startTranscoderProcess } from './transcoder-process.ts'

export interface ChainProcessSettings {
  role: 'ingest' | 'stream' | 'edge'
  broadcast: string
  keySha256: string
  latency: LatencyProfile
  ladder: { height: number; bitrateBps: number }[]
  httpPort: number
  rtmpPort: number
  directory: string
  createdAtMs: number
  /** What the Broadcast's status would tell a replacement. */
  sequence?: { number: number; discontinuity: number; atMs: number; segmentSeconds: number }
}

export interface ChainOptions {
  latency: LatencyProfile
  ladder: ChainProcessSettings['ladder']
  /** Whose plane it is; absent: a broadcast and a key of its own. */
  of?: { broadcast: string; keySha256: string }
}

export interface Chain {
  /** Its own, where it is nobody's. */
  key: string
  /** Where encoders connect. */
  rtmpPort: number
  /** Where viewers play: `/index.m3u8` and so on below it. */
  edgeUrl: string
  /** The stream process itself, without the edge. */
  streamUrl: string
  pids: Record<ChainProcessSettings['role'] | 'transcoder', number>
  /** Kills the stream process with SIGKILL and starts it again on the same ports. */
  replaceStream(): Promise<void>
  close(): Promise<void>
}

export async function startChain(options: ChainOptions): Promise<Chain> {
  const key = randomBytes(16).toString('hex')
  const root = await mkdtemp(join(tmpdir(), 'mytaek1-bench-'))
  const common = {
    broadcast: 'b-bench',
    keySha256: createHash('sha256').update(key).digest('hex'),
    ...options.of,
    latency: options.latency,
    ladder: options.ladder,
    httpPort: 0,
    rtmpPort: 0,
    directory: root,
    createdAtMs: Date.now(),
  }
  const transcoder = await startTranscoderProcess(root)
  let stream = await startProcess({ ...common, role: 'stream' })
  const ports = { httpPort: stream.ports['http'] ?? 0, rtmpPort: stream.ports['rtmp'] ?? 0 }
  const ingest = await startProcess({ ...common, ...ports, role: 'ingest' })
  const edge = await startProcess({ ...common, ...ports, role: 'edge' })
  const pids = { ingest: ingest.pid, stream: stream.pid, transcoder: transcoder.pid ?? 0, edge: edge.pid }
  return {
    key,
    rtmpPort: ingest.ports['rtmp'] ?? 0,
    edgeUrl: `http://127.0.0.1:${edge.ports['http']}/hls/${common.broadcast}`,
    streamUrl: `http://127.0.0.1:${ports.httpPort}`,
    pids,
    replaceStream: async () => {
      const sequence = stream.sequence()
      await end(stream.child)
      stream = await startProcess({ ...common, ...ports, role: 'stream', sequence })
      pids.stream = stream.pid
    },
    close: async () => {
      for (const child of [edge.child, ingest.child, stream.child, transcoder]) await end(child)
      await rm(root, { recursive: true, force: true })
    },
  }
}

async function startProcess(settings: ChainProcessSettings) {
  const script = join(import.meta.dirname, 'chain-process.ts')
  const command = [...nodeFlags[settings.role], script, JSON.stringify(settings)]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)
  let sequence: ChainProcessSettings['sequence']
  const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(60_000) })) as [string]
  lines.on('line', (text) => (sequence = JSON.parse(text) as ChainProcessSettings['sequence']))
  return { child, pid: child.pid ?? 0, ports: JSON.parse(line) as Record<string, number>, sequence: () => sequence }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}
