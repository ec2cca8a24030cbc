/**
 * `make conformance-live`: five minutes of a stream with a ladder and a bad encoder network, read over HTTP through the edge
 * and held against the rules of draft-pantos-hls-rfc8216bis for low-latency servers; then every rendition through hls.js and
 * ffprobe. The network is cut by FIN and RST. Of a black hole a server learns by silence alone, and two part targets pass
 * before it takes an encoder for gone: longer than 6.2.1 allows, and shorter than what jitter would make of every pause.
 *
 *     SECONDS=300 SEED=1 node media/bench/conformance-live.ts
 *
 * Prints a table and, as the last line, one JSON object; exit code 1 after any violation or warning about timestamps.
 */
import { execFile } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { seededRandom } from '../src/rtmp/testing/mutated-messages.ts'
import { followRendition, type ConformanceReport } from '../src/stream/testing/conformance.ts'
import { openPlayer } from './harness/browser-player.ts'
import { cutRandomly } from './harness/cuts.ts'
import { printTable } from './harness/figures.ts'
import { startPlane } from './harness/plane.ts'
import { makeStampedClip } from './harness/stamped-clip.ts'
import { WatchedStream } from './harness/watched-stream.ts'

const run = promisify(execFile)
// Of two cores that also encode; a server's own lateness is in bench-latency.
const toleranceMs = Number(process.env['TOLERANCE_MS'] ?? 250)
const seconds = Number(process.env['SECONDS'] ?? 300)
const random = seededRandom(Number(process.env['SEED'] ?? 1))
const playerSeconds = Math.min(15, seconds / 4)
const aboutTimestamps = /timestamp|overlap|non.?monoton|\b[PD]TS\b/i

const clip = await makeStampedClip({ width: 640, height: 360, frameRate: 30, seconds: 20, bitrateBps: 600_000 })
const ladder = [
  { height: 240, bitrateBps: 300_000 },
  { height: 180, bitrateBps: 200_000 },
]
const renditions = ['source', '240p', '180p']
const plane = await startPlane({ streams: [{ ladder, dvrWindow: '1m' }] })
const [target] = plane.streams
if (target === undefined) throw new Error('no stream')
const stream = await WatchedStream.open(clip, { ...target, rtmp: { host: '127.0.0.1', port: plane.rtmpPort } })
stream.encoder.start()
await wait(8_000)

const until = performance.now() + seconds * 1000
const following = Promise.all(
  renditions.map((rendition) =>
    followRendition({ baseUrl: target.hlsUrl, rendition, durationMs: seconds * 1000, toleranceMs }),
  ),
)
let cuts = 0
while (performance.now() < until - 40_000) {
  await wait(10_000)
  await cutRandomly(target.name, stream, {
    count: 1,
    kinds: ['fin', 'rst'],
    random: () => random(1_000_000) / 1_000_000,
    onCut: () => (cuts += 1),
  })
}
const warnings = await playEach()
const reports = await following
for (const rendition of renditions) warnings.push(...(await probed(rendition)))
await stream.close()
await plane.close()
report(reports)

/** hls.js plays each rendition for a moment, the network being cut meanwhile. @returns what it says of timestamps. */
async function playEach(): Promise<string[]> {
  const said: string[] = []
  for (const level of ['highest', 'lowest'] as const) {
    const player = await openPlayer({ url: `${target?.hlsUrl}/index.m3u8`, level, yields: true })
    await wait((playerSeconds / 2) * 1000)
    stream.proxy.cut('rst')
    await stream.encoder.stop()
    stream.proxy.heal({ lost: false })
    stream.encoder.start()
    cuts += 1
    await wait((playerSeconds / 2) * 1000)
    const facts = await player.facts()
    said.push(
      ...[...facts.errors, ...facts.warnings]
        .filter((line) => aboutTimestamps.test(line))
        .map((line) => `hls.js: ${line}`),
    )
    if (facts.shown.length < playerSeconds) said.push(`hls.js: ${facts.shown.length} pictures in ${playerSeconds} s`)
    await player.close()
  }
  return said
}

async function probed(rendition: string): Promise<string[]> {
  const entries = ['-show_entries', 'stream=codec_name', '-of', 'csv=p=0']
  const url = `${target?.hlsUrl}/${rendition}/media.m3u8`
  const { stdout, stderr } = await run('ffprobe', ['-v', 'warning', ...entries, url], { timeout: 60_000 })
  const said = stderr.split('\n').filter((line) => aboutTimestamps.test(line))
  if (!/h264/.test(stdout) || !/aac/.test(stdout)) said.push(`not H.264 and AAC: ${stdout}`)
  return said.map((line) => `ffprobe ${rendition}: ${line}`)
}

function report(reports: readonly ConformanceReport[]): void {
  printTable([
    [
      '',
      'playlists',
      'parts',
      'segments',
      'discontinuities',
      'gaps',
      'longest part interval ms',
      'checks',
      'violations',
    ],
    ...reports.map((of, index) => [
      renditions[index] ?? '',
      of.playlists,
      of.parts,
      of.segments,
      of.discontinuities,
      of.gaps,
      of.longestPartIntervalMs,
      of.checks,
      of.violations.length,
    ]),
  ])
  const violations = reports.flatMap((of) => of.violations)
  const kinds = Map.groupBy(violations, ({ section, rule }) => `${section} ${rule}`)
  for (const [rule, list] of kinds) console.log(`${list.length} × ${rule}: ${list[0]?.detail}`)
  console.log(`${cuts} cuts; warnings about timestamps: ${warnings.length}`)
  for (const warning of warnings.slice(0, 10)) console.log(warning)
  const sum = (count: (of: ConformanceReport) => number) => reports.reduce((total, of) => total + count(of), 0)
  const result = {
    seconds,
    playlists: sum((of) => of.playlists),
    checks: sum((of) => of.checks),
    violations: violations.length,
    cuts,
    timestampWarnings: warnings.length,
  }
  console.log(JSON.stringify(result))
  process.exitCode = result.violations + result.timestampWarnings > 0 ? 1 : 0
}
