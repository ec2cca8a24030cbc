/**
 * The media plane as a cluster runs it, without the cluster: the real `ingest`, `stream` and `edge` processes on a real
 * apiserver and Redis. Each stream process has a loopback address of its own; the bench plays operator (it names the Pods)
 * and kubelet (it starts a dead container again).
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { openSync, closeSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as wait } from 'node:timers/promises'
import { liveApi, type BroadcastSpec } from '@mytaek1/contracts/broadcast-resource.ts'
import { viewersKey } from '@mytaek1/contracts/live-events.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { freePort, startRedis } from '@mytaek1/platform/testing/parts.ts'
import { Redis } from 'ioredis'
import { makeNamespace, startTestCluster } from '../../../operator/src/testing/cluster.ts'
import { nodeFlags } from './node-flags.ts'
import { mountServiceAccount } from './service-account.ts'
import { startTranscoderProcess } from './transcoder-process.ts'

const namespace = 'bench'
const readyDeadlineMs = 60_000
const main = join(import.meta.dirname, '../../src/main.ts')
const bindHost = pathToFileURL(join(import.meta.dirname, 'bind-host.ts')).href

export interface PlaneStream {
  name: string
  /** The stream key. */
  key: string
  /** Where viewers play: `/index.m3u8` and so on below it. */
  hlsUrl: string
  /** The stream process itself, without the edge. */
  podUrl: string
  /** Changes when the process is replaced. */
  pid(): number
  /** The process beside it, whose children are ffmpeg. */
  transcoderPid: number
  /** SIGKILL, then a new process in the same Pod at once, as a kubelet restarts a container that crashed. */
  kill(): Promise<void>
}

export interface Plane {
  rtmpPort: number
  streams: PlaneStream[]
  ingestPid: number
  edgePid: number
  /** The viewers that the edge reports of a broadcast. */
  viewers(name: string): Promise<number>
  close(): Promise<void>
}

export interface PlaneOptions {
  /** One for each stream; what is not given is the product's default. */
  streams: Partial<Pick<BroadcastSpec, 'latency' | 'ladder' | 'dvrWindow'>>[]
  edgeEnv?: Record<string, string>
}

/** Starts everything and waits until each process is ready. Logs are kept in the folder that `BENCH_LOGS` names. */
export async function startPlane({ streams, edgeEnv }: PlaneOptions): Promise<Plane> {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-plane-'))
  const logs = process.env['BENCH_LOGS'] ?? folder
  const [cluster, redis] = await Promise.all([startTestCluster(), startRedis()])
  await makeNamespace(cluster.api, namespace)
  const account = await mountServiceAccount(cluster.api, {
    namespace,
    server: cluster.server.server,
    caFile: join(cluster.server.folder, 'pki', 'ca.crt'),
    folder: join(folder, 'serviceaccount'),
  })
  const compiled = join(folder, 'compiled')
  await compile(compiled)
  const counts = new Redis(redis.url)
  const [httpPort, streamRtmpPort] = [await freePort(), await freePort()]
  const running = new Set<ChildProcess>()
  const launch = async (
    role: 'ingest' | 'stream' | 'edge',
    name: string,
    host: string,
    env: Record<string, string>,
  ) => {
    const adminPort = await freePort()
    const log = openSync(join(logs, `${name}.log`), 'a')
    const child = spawn(process.execPath, [...nodeFlags[role], '--import', bindHost, main, role], {
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env['PATH'],
        LOG_LEVEL: process.env['BENCH_LOG_LEVEL'] ?? 'info',
        BIND_HOST: host,
        ...account,
        NAMESPACE: namespace,
        POD_NAME: name,
        ADMIN_PORT: `${adminPort}`,
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: compiled,
        ...env,
      },
    })
    closeSync(log)
    running.add(child)
    child.once('exit', () => running.delete(child))
    return { child, readyUrl: `http://${host}:${adminPort}/readyz`, log: join(logs, `${name}.log`) }
  }
  const onExit = () => {
    for (const child of running) child.kill('SIGKILL')
    process.kill(redis.pid, 'SIGKILL')
  }
  process.once('exit', onExit)
  const onTerm = () => process.exit(143) // so that 'exit' ends what was started
  process.once('SIGTERM', onTerm)

  const made: PlaneStream[] = []
  const starting: Promise<void>[] = []
  const edgePort = await freePort()
  for (const [index, spec] of streams.entries()) {
    const name = `b-${index + 1}`
    const host = `127.0.77.${index + 1}`
    const key = randomBytes(16).toString('hex')
    const directory = join(folder, `transcoder-${index + 1}`)
    await mkdir(directory)
    const transcoder = await startTranscoderProcess(directory, { env: { NODE_COMPILE_CACHE: compiled } })
    running.add(transcoder)
    transcoder.once('exit', () => running.delete(transcoder))
    const env = {
      PORT: `${httpPort}`,
      RTMP_PORT: `${streamRtmpPort}`,
      DATA_DIR: join(folder, name),
      TRANSCODER_DIR: directory,
    }
    const start = () => launch('stream', `stream-${index + 1}`, host, env)
    let current = await start()
    starting.push(isReady(current))
    const sha256 = createHash('sha256').update(key).digest('hex')
    await cluster.api.create(
      broadcasts,
      { namespace },
      {
        apiVersion: liveApi.apiVersion,
        kind: 'Broadcast',
        metadata: { name, namespace },
        spec: { title: name, seller: 'bench', streamKey: { sha256 }, ...spec },
      },
    )
    const status = { podName: `stream-${index + 1}`, podIP: host, podUID: `pod-${index + 1}` }
    await cluster.api.patch(
      broadcasts,
      { namespace, name, subresource: 'status' },
      { type: 'merge', body: { status }, fieldManager: 'operator' },
    )
    made.push({
      name,
      key,
      hlsUrl: `http://127.0.0.1:${edgePort}/hls/${name}`,
      podUrl: `http://${host}:${httpPort}`,
      pid: () => current.child.pid ?? 0,
      transcoderPid: transcoder.pid ?? 0,
      kill: async () => {
        await end(current.child)
        current = await start()
      },
    })
  }
  const rtmpPort = await freePort()
  const ingest = await launch('ingest', 'ingest', '127.0.0.1', {
    RTMP_PORT: `${rtmpPort}`,
    STREAM_RTMP_PORT: `${streamRtmpPort}`,
  })
  const edge = await launch('edge', 'edge', '127.0.0.1', {
    PORT: `${edgePort}`,
    STREAM_HTTP_PORT: `${httpPort}`,
    REDIS_URLS: redis.url,
    SERVICE_TOKEN: randomBytes(32).toString('hex'),
    ...edgeEnv,
  })
  const close = async () => {
    await Promise.all([...running].map(end))
    counts.disconnect()
    process.off('exit', onExit)
    process.off('SIGTERM', onTerm)
    await Promise.all([cluster.stop(), redis.stop()])
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all([...starting, isReady(ingest), isReady(edge)])
  } catch (error) {
    await close()
    throw error
  }
  return {
    rtmpPort,
    streams: made,
    ingestPid: ingest.child.pid ?? 0,
    edgePid: edge.child.pid ?? 0,
    viewers: async (name) => Number((await counts.hget(viewersKey(name), 'all')) ?? 0),
    close,
  }
}

// As the image's build does: a container that starts again finds its code compiled.
async function compile(cacheFolder: string): Promise<void> {
  const none = { ADMIN_PORT: 'none', TRANSCODER_DIR: 'none' }
  const env = { PATH: process.env['PATH'], ...none, NODE_COMPILE_CACHE: cacheFolder, NODE_ENV: 'production' }
  for (const role of Object.keys(nodeFlags)) {
    await once(spawn(process.execPath, [main, role], { env, stdio: 'ignore', timeout: 30_000 }), 'exit')
  }
}

async function isReady({
  child,
  readyUrl,
  log,
}: {
  child: ChildProcess
  readyUrl: string
  log: string
}): Promise<void> {
  const deadline = performance.now() + readyDeadlineMs
  while (performance.now() < deadline && child.exitCode === null) {
    const answer = await fetch(readyUrl, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.status === 200) return
    await wait(50)
  }
  throw new Error(`not ready: ${readyUrl}\n${(await readFile(log, 'utf8')).slice(-2_000)}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
