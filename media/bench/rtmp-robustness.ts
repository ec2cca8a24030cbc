/**
 * `make bench-rtmp`: what encoders nobody wants do to the RTMP server and viewers nobody wants to the stream and the edge.
 *
 * One million mutated messages through sessions (in process, so that a hang or a throw is seen at once), then a hundred
 * thousand playlist requests with random directives to a running stream process, directly and through an edge, then a real
 * server with 2,000 idle connections, handshakes byte by byte and announced 16 MiB messages beside a good stream; every
 * eighth of them is at the RTMPS port, and says nothing or never finishes TLS.
 * The target starts this process as the chart starts the ingest: young memory is bounded, and what nobody holds is collected
 * before it is measured, so that what grows is kept.
 * Environment: MESSAGES (1000000), SEED (1), DIRECTIVES (100000), IDLE (2000). Exit code 1 where anything but a documented
 * status came back, or memory grew.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { connectRtmpPublisher } from '../src/rtmp/client.ts'
import { defaultRtmpLimits } from '../src/rtmp/limits.ts'
import { type RtmpServer, type RtmpServerOptions, startRtmpServer } from '../src/rtmp/server.ts'
import { fuzzSessions } from '../src/rtmp/testing/fuzz-session.ts'
import { silent } from '../src/rtmp/testing/listening.ts'
import { RawPeer, rawChunk } from '../src/rtmp/testing/raw-peer.ts'
import { selfSigned } from '../src/rtmp/testing/self-signed.ts'
import { parsePlaylist } from '../src/stream/testing/parse-playlist.ts'
import { startChain } from './harness/chain.ts'
import { floodDirectives } from './harness/directive-flood.ts'
import { rssMb } from './harness/process-meter.ts'
import { makeStampedClip } from './harness/stamped-clip.ts'
import { StampedEncoder } from './harness/stamped-encoder.ts'

const messages = Number(process.env['MESSAGES'] ?? 1_000_000)
const seed = Number(process.env['SEED'] ?? 1)
const idle = Number(process.env['IDLE'] ?? 2_000)
const directives = Number(process.env['DIRECTIVES'] ?? 100_000)
/** What a heap may breathe. */
const mostGrowthMb = 48
const megabyte = 1024 * 1024
const frameMs = 33
const clientHelloStart = Buffer.from('1603010200010001fc0303', 'hex')
const print = (line: string) => void process.stdout.write(`${line}\n`)

const fuzz = await fuzzed()
const flood = await flooded()
const attack = await attacked()
print(
  JSON.stringify({
    messages: fuzz.messages,
    crashes: 0, // else this line would not be
    rssGrowthMb: fuzz.rssGrowthMb,
    directives,
    undocumentedAnswers: flood.undocumented,
    directivesRssGrowthMb: flood.growthMb,
    ...attack,
  }),
)
if (flood.undocumented > 0 || flood.growthMb > mostGrowthMb || fuzz.rssGrowthMb > mostGrowthMb) process.exitCode = 1

/** Any throw ends the bench: a crash is a missing last line. */
async function fuzzed() {
  await fuzzSessions({ seed, count: Math.min(50_000, messages) }) // warm-up: code compiled, heap grown
  const before = collected()
  const startedAt = performance.now()
  const result = await fuzzSessions({ seed: seed + 1, count: messages })
  const rssGrowthMb = Math.round((collected() - before) / megabyte)
  const rate = Math.round(result.messages / ((performance.now() - startedAt) / 1_000))
  print(
    `${result.messages} mutated messages in ${result.sessions} sessions, ${rate}/s, slowest ${result.slowestMs.toFixed(1)} ms, RSS ${rssGrowthMb} MB more`,
  )
  for (const [code, count] of Object.entries(result.ends).sort(([, a], [, b]) => b - a))
    print(`  ${String(count).padStart(8)}  ${code}`)
  return { messages: result.messages, rssGrowthMb }
}

/** Random directives to real processes; a crash is a pid that is gone, and ends the bench. */
async function flooded() {
  const clip = await makeStampedClip({ width: 320, height: 180, frameRate: 30, seconds: 10, bitrateBps: 200_000 })
  const chain = await startChain({ latency: 'Low', ladder: [] })
  const encoder = new StampedEncoder(clip, { port: chain.rtmpPort, key: chain.key })
  await encoder.start()
  await wait(8_000)
  const playlists = [chain.edgeUrl, chain.streamUrl].map((base) => new URL(`${base}/source/media.m3u8`))
  let edge = 0
  const follow = async () => {
    const answer = await fetch(`${chain.streamUrl}/source/media.m3u8`)
    edge = parsePlaylist(await answer.text()).segments.at(-1)?.mediaSequenceNumber ?? edge
  }
  await follow()
  const following = setInterval(() => void follow().catch(() => undefined), 1_000) // a refusal shows in the report
  const flood = (count: number, floodSeed: number) =>
    floodDirectives({ playlists, count, connections: 128, seed: floodSeed, edge: () => edge })
  const memory = () => [rssMb(chain.pids.stream), rssMb(chain.pids.edge)]
  await flood(Math.ceil(directives / 4), seed) // warm-up: code compiled, caches filled
  const before = memory()
  const startedAt = performance.now()
  const report = await flood(directives, seed + 1)
  const rate = Math.round(directives / ((performance.now() - startedAt) / 1_000))
  const growthMb = memory().map((after, index) => Math.round(after - (before[index] ?? 0)))
  clearInterval(following)
  await encoder.stop()
  await chain.close()
  print(`${directives} directive queries, ${rate}/s: ${JSON.stringify(report.statuses)}`)
  for (const example of report.examples) print(`  undocumented: ${example}`)
  print(`  the stream process holds ${growthMb[0]} MB more than before, the edge ${growthMb[1]} MB`)
  return { undocumented: report.undocumented, growthMb: Math.max(...growthMb) }
}

async function attacked() {
  let received = 0
  let latestMs = 0
  const options: RtmpServerOptions = {
    port: 0,
    host: '127.0.0.1',
    limits: {
      ...defaultRtmpLimits,
      maxSessions: idle + 500,
      maxSessionsPerAddress: idle + 500,
      timeToPublishMs: 10_000,
    },
    log: silent,
    authorize: () =>
      Promise.resolve({
        accept: true,
        sink: {
          write: ({ body, type }) => {
            received += 1
            if (type === 'video' && body.length >= 13)
              latestMs = Math.max(latestMs, performance.now() - body.readDoubleBE(5))
          },
          close: () => {},
        },
      }),
  }
  const server = await startRtmpServer(options)
  const secure = await startRtmpServer({ ...options, tls: selfSigned() })
  const good = await connectRtmpPublisher({
    host: '127.0.0.1',
    port: server.port,
    app: 'live',
    streamName: 'good',
    signal: new AbortController().signal,
    deadlineMs: 10_000,
  })
  let sent = 0
  const frames = setInterval(() => {
    const body = Buffer.alloc(3_000)
    body.set([0x27, 1, 0, 0, 0])
    body.writeDoubleBE(performance.now(), 5)
    good.write({ type: 'video', timestampMs: sent * frameMs, body })
    sent += 1
  }, frameMs)
  const before = collected()
  const peers = await crowd(server, secure)
  const crowdMb = Math.round((collected() - before) / megabyte)
  const startedAt = performance.now()
  await Promise.all(peers.map((peer) => peer.isClosed()))
  const closedSeconds = Math.round((performance.now() - startedAt) / 100) / 10
  clearInterval(frames)
  good.close()
  const done = { code: 'NetConnection.Connect.Closed', description: 'done' }
  await Promise.all([server.close(done), secure.close(done)])
  print(`${peers.length} bad peers: ${crowdMb} MB with them, all closed ${closedSeconds} s later`)
  print(`the good stream meanwhile: ${received} of ${sent} frames, the latest ${latestMs.toFixed(1)} ms late`)
  return {
    badPeers: peers.length,
    crowdMb,
    closedSeconds,
    goodFramesLost: sent - received,
    latestFrameMs: Math.round(latestMs),
  }
}

/** Idle ones, slow ones and greedy ones; at the RTMPS port mute ones, and half a ClientHello. */
async function crowd(server: RtmpServer, secure: RtmpServer): Promise<RawPeer[]> {
  const peers: RawPeer[] = []
  for (let index = 0; index < idle; index++) {
    const isSecure = index % 8 === 7
    const peer = new RawPeer(isSecure ? secure.port : server.port)
    peers.push(peer)
    await new Promise((resolve) => peer.socket.once('connect', resolve))
    if (isSecure && index % 16 === 7) peer.socket.write(clientHelloStart)
    if (isSecure) continue
    if (index % 10 === 1) drip(peer)
    if (index % 20 === 2) void announce(peer)
  }
  return peers
}

function drip(peer: RawPeer): void {
  const timer = setInterval(() => (peer.closed ? clearInterval(timer) : void peer.socket.write('\x03')), 100)
}

async function announce(peer: RawPeer): Promise<void> {
  await peer.shakeHands()
  await peer.connectTo('live')
  peer.socket.write(rawChunk(9, Buffer.alloc(1_000), { length: 0xffffff }))
}

function collected(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss
}
