/**
 * Latency from the encoder's socket to the picture on a screen, through ingest, stream Pod and edge on this machine.
 *
 * Every picture carries its number, in its bits and in its coded data. The bench publishes a clip in real time, reads the
 * numbers back from served parts and, with hls.js in Chromium, from the screen, and compares the wall clocks. Then it looks
 * at what one stream Pod costs: its memory with two rungs below this source, its CPU without any.
 *
 * Last it joins a stream whose key frames are 8.3 s apart, at random, and waits for the first picture.
 *
 *     node media/bench/latency.ts [--seconds 300] [--joins 40] [--width 1280 --height 720] [--screenshots folder]
 *
 * Prints a table and, as the last line, one JSON object.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setTimeout as wait } from 'node:timers/promises'
import type { LatencyProfile } from '../src/stream/hls/part-target.ts'
import { openPlayer, type ShownPicture } from './harness/browser-player.ts'
import { startChain, type Chain } from './harness/chain.ts'
import { measureJoins } from './harness/joins.ts'
import { HlsViewer } from './harness/hls-viewer.ts'
import { printTable, quantile } from './harness/figures.ts'
import { cpuSeconds, podRssMb } from './harness/process-meter.ts'
import { startNginxRtmp } from './harness/nginx-rtmp.ts'
import { readParts, type ArrivedPart } from './harness/part-reader.ts'
import { makeStampedClip, serialsIn } from './harness/stamped-clip.ts'
import { StampedEncoder } from './harness/stamped-encoder.ts'

/** Pictures of a player's first seconds are not counted: it looks for its place. */
const warmUpMs = 12_000
/** The server's own delay is read for so long before the browser, which takes a core of this machine for itself, comes. */
const delaySeconds = 40
/** A process that ran for a moment runs its code compiled; in its first seconds it takes half a millisecond more. */
const codeWarmMs = 20_000
/** What a Pod costs is looked at for so long, with so many viewers behind the edge. */
const costSeconds = 30
const viewersOfCost = 10

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    joins: { type: 'string', default: '40' },
    width: { type: 'string', default: '1280' },
    height: { type: 'string', default: '720' },
    screenshots: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const rungHeight = Number(values.height) > 360 ? 360 : 180 // a rung is never as tall as the source
const rungName = `${rungHeight}p`

const clip = await makeStampedClip({
  width: Number(values.width),
  height: Number(values.height),
  frameRate: 30,
  seconds: 20,
  bitrateBps: 2_000_000,
})
const low = await measureChain('Low')
const ultra = await measureChain('Ultra')
const nginx = await measureNginx()
const podMemoryMb = await measureMemory()
const passThroughCpuPercent = await measurePassThrough()
const joins = await measureJoins({
  width: Number(values.width),
  height: Number(values.height),
  count: Number(values.joins),
})

printTable([
  ['', 'p50 s', 'p95 s', 'stalls', 'pictures', 'server p50 ms', 'server p99 ms', 'rung lag p95 ms'],
  ...[low, ultra].map((run) => [
    run.name,
    run.p50Seconds,
    run.p95Seconds,
    run.stalls,
    run.pictures,
    run.serverDelayMs.p50,
    run.serverDelayMs.p99,
    run.rungLagMs,
  ]),
  [
    'nginx-rtmp 1 s',
    nginx?.p50Seconds ?? '-',
    nginx?.p95Seconds ?? '-',
    nginx?.stalls ?? '-',
    nginx?.pictures ?? '-',
    '',
    '',
    '',
  ],
])
console.log(`One stream Pod of ${clip.width}x${clip.height} at ${clip.frameRate} fps:`)
console.log(`  with two rungs: ${podMemoryMb} MiB at most, stream process, transcoder and ffmpeg together`)
console.log(`  without rungs: ${passThroughCpuPercent} % of a core, ${viewersOfCost} viewers through the edge`)
console.log(`Key frames every 8.3 s, joined at random: ${joins.p50} s to the first live picture, p95 ${joins.p95} s`)
for (const run of [low, ultra]) for (const error of run.errors) console.log(`${run.name}: ${error}`)
console.log(
  JSON.stringify({
    low: { p50Seconds: low.p50Seconds, p95Seconds: low.p95Seconds, stalls: low.stalls },
    ultra: { p50Seconds: ultra.p50Seconds, p95Seconds: ultra.p95Seconds, stalls: ultra.stalls },
    serverDelayMs: {
      p50: Math.max(low.serverDelayMs.p50, ultra.serverDelayMs.p50),
      p99: Math.max(low.serverDelayMs.p99, ultra.serverDelayMs.p99),
    },
    rungLagMs: Math.max(low.rungLagMs, ultra.rungLagMs),
    nginxRtmpP50Seconds: nginx?.p50Seconds ?? null,
    podMemoryMb,
    passThroughCpuPercent,
    joinToPictureSeconds: { p50: joins.p50, p95: joins.p95 },
  }),
)

async function measureChain(latency: LatencyProfile) {
  const chain = await startChain({ latency, ladder: [{ height: rungHeight, bitrateBps: 600_000 }] })
  const encoder = new StampedEncoder(clip, { port: chain.rtmpPort, key: chain.key })
  await encoder.start()
  await wait(codeWarmMs)
  const reading = new AbortController()
  const errors: string[] = []
  const parts: Record<string, ArrivedPart[]> = { source: [], [rungName]: [] }
  const readers = Object.entries(parts).map(([rendition, list]) =>
    readParts({
      playlistUrl: `${chain.edgeUrl}/${rendition}/media.m3u8`,
      signal: reading.signal,
      onPart: (part) => list.push(part),
      onError: (message) => errors.push(message),
    }),
  )
  await wait(delaySeconds * 1000)
  reading.abort()
  await Promise.all(readers)
  const screen = await watch(`${chain.edgeUrl}/index.m3u8`, encoder, latency)
  await encoder.stop()
  await chain.close()
  const delays = (parts['source'] ?? []).filter((part) => part.held).flatMap((part) => serverDelay(part, encoder) ?? [])
  return {
    name: latency,
    ...screen,
    errors: [...errors, ...screen.errors].slice(0, 20),
    serverDelayMs: { p50: quantile(delays, 0.5, 2), p99: quantile(delays, 0.99, 2) },
    rungLagMs: quantile(rungLags(parts['source'] ?? [], parts[rungName] ?? []), 0.95, 0),
  }
}

async function measureNginx() {
  const server = await startNginxRtmp()
  if (server === undefined) return undefined
  const encoder = new StampedEncoder(clip, { port: server.rtmpPort, key: server.key })
  await encoder.start()
  await wait(8000)
  const screen = await watch(server.playlistUrl, encoder, 'nginx')
  await encoder.stop()
  await server.close()
  return screen
}

/** Resident memory of the stream process, the transcoder and its children, the largest sum seen. */
async function measureMemory(): Promise<number> {
  const ladder = [
    { height: (rungHeight * 4) / 3, bitrateBps: 1_200_000 },
    { height: rungHeight, bitrateBps: 600_000 },
  ]
  return withStream(ladder, async ({ stream, transcoder }) => {
    let most = 0
    for (const until = performance.now() + costSeconds * 1000; performance.now() < until; await wait(500))
      most = Math.max(most, podRssMb(stream) + podRssMb(transcoder))
    return Math.round(most)
  })
}

/** CPU of the stream process alone, without thumbnails' ffmpeg. */
async function measurePassThrough(): Promise<number> {
  return withStream([], async ({ stream: pid }) => {
    const [before, startedAt] = [cpuSeconds(pid), performance.now()]
    await wait(costSeconds * 1000)
    return Math.round(((cpuSeconds(pid) - before) / (performance.now() - startedAt)) * 1e6) / 10
  })
}

async function withStream(
  ladder: { height: number; bitrateBps: number }[],
  measure: (pids: Chain['pids']) => Promise<number>,
) {
  const chain = await startChain({ latency: 'Low', ladder })
  const encoder = new StampedEncoder(clip, { port: chain.rtmpPort, key: chain.key })
  await encoder.start()
  await wait(8000)
  const viewers = Array.from(
    { length: viewersOfCost },
    (_, index) => new HlsViewer({ hlsUrl: chain.edgeUrl, rendition: index % 2 === 0 ? 'source' : 'lowest' }),
  )
  const running = viewers.map((viewer) => viewer.run())
  await wait(7000) // code compiled
  const result = await measure(chain.pids)
  for (const viewer of viewers) viewer.stop()
  await Promise.all(running)
  await encoder.stop()
  await chain.close()
  return result
}

/** Plays for the bench's time and turns what the screen showed into latencies. */
async function watch(url: string, encoder: StampedEncoder, name: string) {
  const player = await openPlayer({ url, level: 'highest' })
  const startedAt = Date.now()
  const shown: ShownPicture[] = []
  let stalls = 0
  let errors: string[] = []
  let stallsInWarmUp = 0
  while (Date.now() - startedAt < seconds * 1000 + warmUpMs) {
    await wait(2000)
    const facts = await player.facts()
    const isWarm = Date.now() - startedAt > warmUpMs
    if (isWarm) shown.push(...facts.shown)
    else stallsInWarmUp = facts.stalls
    stalls = facts.stalls - stallsInWarmUp
    errors = [...facts.errors, ...facts.warnings.filter((warning) => /timestamp|overlap|PTS|DTS/i.test(warning))]
  }
  if (values.screenshots !== undefined) await player.screenshot(join(values.screenshots, `latency-${name}.png`))
  await player.close()
  const latencies = shown.flatMap(({ picture, atMs }) => {
    const sentAt = encoder.sentBefore(picture, atMs)
    return sentAt === undefined ? [] : [(atMs - sentAt) / 1000]
  })
  return {
    p50Seconds: quantile(latencies, 0.5, 3),
    p95Seconds: quantile(latencies, 0.95, 3),
    stalls,
    pictures: latencies.length,
    errors,
  }
}

/** From the last byte of the part's last picture going in to the first byte of the part coming out. */
function serverDelay(part: ArrivedPart, from: StampedEncoder): number | undefined {
  const last = serialsIn(part.body).at(-1)
  const sentAt = last === undefined ? undefined : from.sentAt[last]
  return sentAt === undefined ? undefined : part.firstByteAt - sentAt
}

function rungLags(source: readonly ArrivedPart[], rung: readonly ArrivedPart[]): number[] {
  const arrived = new Map(source.map((part) => [part.uri, part.firstByteAt]))
  return rung.flatMap((part) => {
    const reference = arrived.get(part.uri)
    return reference === undefined ? [] : [part.firstByteAt - reference]
  })
}
