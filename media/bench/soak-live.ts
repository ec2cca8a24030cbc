/**
 * `make soak-live`: three streams with a rung each, and 200 viewers of whom four a second leave and four come.
 *
 * Watches what grows (memory and descriptors of every process after the warm-up), what drifts (sound against picture, by the
 * decode times of the served fMP4) and what is told (the viewer count in Redis, while nobody comes or goes for a moment).
 *
 *     MINUTES=30 VIEWERS=200 SEED=1 node media/bench/soak-live.ts
 *
 * Prints a table and, as the last line, one JSON object; exit code 1 where a bound is missed.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { seededRandom } from '../src/rtmp/testing/mutated-messages.ts'
import { Crowd, driftMs } from './harness/crowd.ts'
import type { Refusal } from './harness/hls-viewer.ts'
import { FfmpegEncoder } from './harness/ffmpeg-encoder.ts'
import { printTable, quantile } from './harness/figures.ts'
import { startPlane } from './harness/plane.ts'
import { cpuSeconds, descriptors, podRssMb } from './harness/process-meter.ts'
import { makeStampedClip } from './harness/stamped-clip.ts'
import { wallClock } from './harness/stamped-encoder.ts'

const minutes = Number(process.env['MINUTES'] ?? 30)
const viewerCount = Number(process.env['VIEWERS'] ?? 200)
const random = seededRandom(Number(process.env['SEED'] ?? 1))
/** Whoever left is counted until the edge has not heard of him for two windows of 6 s; the count is written every 2 s. */
const holdSeconds = 16
const churnSeconds = 24
const bounds = { rssGrowthMb: 12, rssGrowthShare: 0.1, descriptorGrowth: 8, driftMs: 20, countError: 0.02 }

const clip = await makeStampedClip({ width: 640, height: 360, frameRate: 30, seconds: 20, bitrateBps: 600_000 })
// The window and the cache are as small as the product allows: both are full long before the measurement begins.
const spec = { ladder: [{ height: 180, bitrateBps: 200_000 }], dvrWindow: '1m' }
const plane = await startPlane({ streams: [spec, spec, spec], edgeEnv: { EDGE_CACHE_BYTES: `${16 * 1024 * 1024}` } })
const encoders = plane.streams.map(
  ({ key }) => new FfmpegEncoder(clip, `rtmp://127.0.0.1:${plane.rtmpPort}/live/${key}`),
)
for (const encoder of encoders) encoder.start()
await wait(8_000)
const crowd = new Crowd({
  hlsUrls: plane.streams.map(({ hlsUrl }) => hlsUrl),
  viewers: viewerCount,
  random: () => random(1_000_000) / 1_000_000,
})
await crowd.gather()

const processes = [
  { name: 'ingest', pid: plane.ingestPid },
  ...plane.streams.map((stream) => ({ name: `stream ${stream.name}`, pid: stream.pid() })),
  ...plane.streams.map((stream) => ({ name: `its transcoder and ffmpeg`, pid: stream.transcoderPid })),
  { name: 'edge', pid: plane.edgePid },
]
const samples = processes.map(() => [] as { rssMb: number; descriptors: number }[])
const sampling = setInterval(() => {
  for (const [index, { pid }] of processes.entries())
    samples[index]?.push({ rssMb: podRssMb(pid), descriptors: descriptors(pid) })
}, 1_000)
const startedAt = performance.now()
const startedWall = wallClock()
const cpuBefore = processes.map(({ pid }) => cpuSeconds(pid))
const counts: { told: number; truth: number }[] = []
while (performance.now() - startedAt < minutes * 60_000) {
  await crowd.churn(churnSeconds)
  await wait(holdSeconds * 1000)
  for (const { name, hlsUrl } of plane.streams)
    counts.push({ told: await plane.viewers(name), truth: crowd.truth(hlsUrl) })
}
clearInterval(sampling)
const elapsedSeconds = (performance.now() - startedAt) / 1000
const cpu = processes.map(({ pid }, index) => (cpuSeconds(pid) - (cpuBefore[index] ?? 0)) / elapsedSeconds)
await crowd.close()
for (const encoder of encoders) await encoder.stop()
await plane.close()
report()

/** Medians of the first and the last sixth after the warm-up, which is the first third. */
function growth(values: readonly number[]): { from: number; to: number } {
  const warm = values.slice(Math.floor(values.length / 3))
  const share = Math.max(1, Math.floor(warm.length / 4))
  return { from: quantile(warm.slice(0, share), 0.5), to: quantile(warm.slice(-share), 0.5) }
}

/** When it was, and how late: a part that a playlist listed long before it was asked for may be gone by right. */
function circumstances(refusals: readonly Refusal[]): string {
  const minutesOf = refusals.map(({ atMs }) => (atMs - startedWall) / 60_000)
  const listed = refusals.flatMap(({ listedForMs }) => listedForMs ?? [])
  const when = `minutes ${Math.min(...minutesOf).toFixed(1)} to ${Math.max(...minutesOf).toFixed(1)}`
  if (listed.length === 0) return when
  const [least, half, most] = [0, 0.5, 1].map((share) => Math.round(quantile(listed, share)))
  return `${when}; asked ${least} to ${most} ms after they were listed, half of them after ${half} ms`
}

function report(): void {
  const rows = processes.map(({ name }, index) => {
    const of = samples[index] ?? []
    const rss = growth(of.map(({ rssMb }) => rssMb))
    const open = growth(of.map((sample) => sample.descriptors))
    const isFlat =
      rss.to - rss.from <= Math.max(bounds.rssGrowthMb, bounds.rssGrowthShare * rss.from) &&
      open.to - open.from <= bounds.descriptorGrowth
    return { name, rss, open, cpuPercent: Math.round((cpu[index] ?? 0) * 1000) / 10, isFlat }
  })
  printTable([
    ['process', 'RSS MiB after warm-up', 'at the end', 'descriptors', 'at the end', 'CPU %', ''],
    ...rows.map(({ name, rss, open, cpuPercent, isFlat }) => [
      name,
      rss.from,
      rss.to,
      open.from,
      open.to,
      cpuPercent,
      isFlat ? 'flat' : 'GROWS',
    ]),
  ])
  const drifts = [...crowd.ends].map(([name, ends]) => ({ name, parts: ends.length, ms: driftMs(ends) }))
  printTable([
    ['rendition', 'parts', 'A/V drift ms'],
    ...drifts.map(({ name, parts, ms }) => [name, parts, ms.toFixed(1)]),
  ])
  // Over all streams at one moment: of 70 viewers one alone is 1.4 %.
  const errors = Array.from({ length: counts.length / 3 }, (_, round) => {
    const now = counts.slice(3 * round, 3 * round + 3)
    const sum = (of: 'told' | 'truth') => now.reduce((total, count) => total + count[of], 0)
    return Math.abs(sum('told') - sum('truth')) / sum('truth')
  })
  console.log(
    `${crowd.came} viewers came, ${viewerCount} at a time; counts told of true ones: ${counts.map(({ told, truth }) => `${told}/${truth}`).join(' ')}`,
  )
  for (const [answer, list] of Map.groupBy(
    crowd.refusals,
    ({ status, path, reason }) => `${status} ${path.replaceAll(/\d+/g, 'n')} ${reason}`,
  ))
    console.log(`${list.length} × ${answer}: ${circumstances(list)}`)
  const result = {
    minutes,
    viewers: viewerCount,
    flat: rows.every(({ isFlat }) => isFlat),
    rssGrowthMb: Math.round(Math.max(...rows.map(({ rss }) => rss.to - rss.from)) * 10) / 10,
    descriptorGrowth: Math.max(...rows.map(({ open }) => open.to - open.from)),
    avDriftMs: Math.round(Math.max(...drifts.map(({ ms }) => ms)) * 10) / 10,
    viewerCountError: Math.round(Math.max(...errors) * 10_000) / 10_000,
    non2xx: crowd.refusals.length,
  }
  console.log(JSON.stringify(result))
  const isMet =
    result.flat &&
    result.avDriftMs < bounds.driftMs &&
    result.viewerCountError <= bounds.countError &&
    result.non2xx === 0
  process.exitCode = isMet ? 0 : 1
}
