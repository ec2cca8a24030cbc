/**
 * `make chaos-live`: what viewers notice of an encoder's network and of dying processes.
 *
 * Real ingest, stream and edge processes on a real apiserver; four streams, each from an ffmpeg behind a network that is
 * cut 25 times (FIN, RST, black hole; 0.2 to 20 s) under the eyes of five viewers. Then kill -9 of the ladder's ffmpeg and
 * of a stream process, and, where `make up` runs a cluster, the deletion of a stream Pod on it.
 *
 * First four more streams, key frames 2 s and 8.3 s apart in both latency profiles, are stalled STALLS times each for less
 * than 2 s on a connection that stays: `arrivedNeverShownSeconds` is what arrived of them and was never served.
 *
 *     CUTS=100 SEED=1 STREAMS=4 KILLS=3 STALLS=8 node media/bench/chaos-live.ts
 *
 * Prints a table and, as the last line, one JSON object; exit code 1 where a bound is missed. BENCH_LOGS names a folder for
 * the processes' logs.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { seededRandom } from '../src/rtmp/testing/mutated-messages.ts'
import { openClusterStream, type ClusterStream } from './harness/cluster-stream.ts'
import { cutRandomly, type Cut } from './harness/cuts.ts'
import { printTable, quantile } from './harness/figures.ts'
import { killLadder, resumeAfter } from './harness/kills.ts'
import { startPlane } from './harness/plane.ts'
import { makeStampedClip, type StampedClip } from './harness/stamped-clip.ts'
import { stallRandomly } from './harness/stalls.ts'
import { wallClock } from './harness/stamped-encoder.ts'
import { WatchedStream } from './harness/watched-stream.ts'

const cutCount = Number(process.env['CUTS'] ?? 100)
const streamCount = Number(process.env['STREAMS'] ?? 4)
const viewersEach = Math.ceil(20 / streamCount)
const kills = Number(process.env['KILLS'] ?? 3)
const stallCount = Number(process.env['STALLS'] ?? 8)
const seed = Number(process.env['SEED'] ?? 1)
const partSeconds = 0.5
const bounds = { pictureBackSeconds: 1, ffmpeg: 0.25, process: 3, pod: 6 } // half a part's lateness is no pause

const [frameRate, seconds] = [30, 20]
const picture = { width: 640, height: 360, frameRate, seconds, bitrateBps: 600_000 }
const clip = await makeStampedClip(picture)
const ladder = [{ height: 180, bitrateBps: 200_000 }]
const stalled = [60, 250].flatMap((gopPictures) =>
  (['Low', 'Ultra'] as const).map((latency) => ({ gopPictures, latency })),
)
const plane = await startPlane({
  streams: [
    ...Array.from({ length: streamCount }, () => ({ ladder })),
    ...(stallCount > 0 ? stalled : []).map(({ latency }) => ({ latency, ladder: [] })),
  ],
})
const open = (target: (typeof plane.streams)[number], of = clip) =>
  WatchedStream.open(of, { ...target, rtmp: { host: '127.0.0.1', port: plane.rtmpPort } })
const lost = await stalls()
if (streamCount === 0) {
  await plane.close()
  console.log(JSON.stringify({ arrivedNeverShownSeconds: lost.neverShownSeconds }))
  process.exit(lost.neverShownSeconds === 0 ? 0 : 1)
}
const streams = await Promise.all(plane.streams.slice(0, streamCount).map((target) => open(target)))
for (const { encoder } of streams) encoder.start()
await wait(6_000)
for (const stream of streams) stream.watch(viewersEach)
await wait(6_000)

const cuts: Cut[] = []
await Promise.all(
  streams.map((stream, index) => {
    const random = seededRandom(seed * 1000 + index)
    return cutRandomly(plane.streams[index]?.name ?? '', stream, {
      count: Math.ceil((cutCount - index) / streamCount),
      random: () => random(1_000_000) / 1_000_000,
      onCut: (cut) => {
        cuts.push(cut)
        if (process.env['VERBOSE']) console.log(JSON.stringify(cut))
      },
    })
  }),
)
const duringCuts = account(streams)
const killedAt = wallClock()
const resume = await killed()
const pod = await podDeleted().catch((error: unknown) => {
  console.log(`the cluster did not take part: ${String(error)}`)
  return undefined
})
const duringKills = account(streams, killedAt)
const encoderDisconnects = resume.encoderDisconnects + (pod?.encoderDisconnects ?? 0)
await Promise.all(streams.map((stream) => stream.close()))
await plane.close()
report()

/** What arrived of streams whose uplink stopped for less than 2 s, and was never served, of all streams together. */
async function stalls() {
  const clips = new Map<number, StampedClip>([[60, clip]])
  let [arrived, neverShown] = [0, 0]
  const targets = plane.streams.slice(streamCount)
  await Promise.all(
    targets.map(async (target, index) => {
      const { gopPictures, latency } = stalled[index] ?? { gopPictures: 60, latency: 'Low' }
      const random = seededRandom(seed * 1000 + 500 + index)
      const of = clips.get(gopPictures) ?? (await makeStampedClip({ ...picture, gopPictures }))
      clips.set(gopPictures, of)
      const stream = await open(target, of)
      stream.encoder.start()
      await wait(6_000)
      stream.watch(1)
      await wait(6_000)
      const counts = await stallRandomly(stream, { count: stallCount, random: () => random(1_000_000) / 1_000_000 })
      await stream.close()
      arrived += counts.arrived
      neverShown += counts.neverShown
      console.log(
        `stalls, ${latency}, a key frame every ${gopPictures} pictures: ${counts.neverShown} of ${counts.arrived} never shown`,
      )
    }),
  )
  return { arrivedSeconds: arrived / frameRate, neverShownSeconds: Number((neverShown / frameRate).toFixed(2)) }
}

/** kill -9 of what serves the first stream, several times each. */
async function killed() {
  const [stream] = streams
  const [target] = plane.streams
  if (stream === undefined || target === undefined) throw new Error('no stream')
  const before = disconnectsOf(stream)
  const ffmpeg: number[] = []
  const process: number[] = []
  for (let round = 0; round < kills; round += 1)
    ffmpeg.push(await killLadder(stream, target.transcoderPid, partSeconds))
  for (let round = 0; round < kills; round += 1) process.push(await resumeAfter(stream, () => target.kill()))
  return { ffmpeg, process, encoderDisconnects: disconnectsOf(stream) - before }
}

/** The same on the cluster, where there is one. */
async function podDeleted() {
  const target = await openClusterStream()
  if (target === undefined) return undefined
  try {
    return await podDeletedOf(target)
  } finally {
    await target.close()
  }
}

async function podDeletedOf(target: ClusterStream) {
  const stream = await WatchedStream.open(clip, target)
  stream.encoder.start()
  await target.playable()
  await wait(6_000)
  stream.watch(viewersEach)
  await wait(8_000)
  const [before, since] = [disconnectsOf(stream), wallClock()]
  const seconds: number[] = []
  for (let round = 0; round < kills; round += 1) seconds.push(await resumeAfter(stream, () => target.deletePod()))
  const result = { seconds, encoderDisconnects: disconnectsOf(stream) - before, ...account([stream], since) }
  await stream.close()
  return result
}

function disconnectsOf({ proxy, encoder }: WatchedStream): number {
  return Math.max(proxy.closedByServer, encoder.exits)
}

function account(watched: readonly WatchedStream[], sinceMs = 0) {
  const viewers = watched.flatMap(({ watchers }) => watchers.map(({ viewer }) => viewer))
  const refusals = viewers.flatMap(({ refusals }) => refusals).filter(({ atMs }) => atMs >= sinceMs)
  return {
    viewers: viewers.length,
    requests: viewers.reduce((sum, { requests }) => sum + requests, 0),
    sequenceFalls: viewers.flatMap(({ sequenceFalls }) => sequenceFalls),
    refusals,
  }
}

function report(): void {
  const rows = (['fin', 'rst', 'hole'] as const).map((kind) => {
    const of = cuts.filter((cut) => cut.kind === kind)
    const back = of.flatMap(({ backSeconds }) => backSeconds)
    const seconds = of.map((cut) => cut.seconds)
    return [
      kind,
      of.length,
      `${quantile(seconds, 0, 1)}-${quantile(seconds, 1, 1)}`,
      quantile(back, 0.5, 3),
      quantile(back, 0.99, 3),
      quantile(back, 1, 3),
      of.reduce((sum, { neverBack }) => sum + neverBack, 0),
    ]
  })
  printTable([['cut by', 'cuts', 'seconds', 'back p50 s', 'back p99 s', 'back max s', 'never back'], ...rows])
  console.log(`${duringCuts.viewers} viewers, ${duringCuts.requests} requests while it was cut`)
  for (const [what, { refusals }] of [
    ['cuts', duringCuts],
    ['kills', duringKills],
    ['Pod deletions', pod ?? { refusals: [] }],
  ] as const) {
    const counts = Map.groupBy(refusals, ({ status, reason, path }) =>
      [status, reason, path.replace(/\d+/g, 'n')].join(' '),
    )
    for (const [answer, list] of counts) console.log(`during ${what}: ${list.length} × ${answer}`)
  }
  const falls = [...duringKills.sequenceFalls, ...(pod?.sequenceFalls ?? [])] // of the whole run
  for (const fall of falls.slice(0, 10)) console.log(`sequence/discontinuity sequence/part fell: ${fall}`)
  const seconds = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(' ')
  console.log(`kill -9 of the ladder: source viewers' extra wait ${seconds(resume.ffmpeg)} s`)
  console.log(`kill -9 of the stream process: the last viewer's new picture after ${seconds(resume.process)} s`)
  console.log(pod ? `Pod deleted: ${seconds(pod.seconds)} s` : 'no cluster runs here: no Pod was deleted')
  const worst = (values: readonly number[]) => Number(Math.max(...values).toFixed(2))
  const result = {
    arrivedNeverShownSeconds: lost.neverShownSeconds,
    cuts: cuts.length,
    non2xx: duringCuts.refusals.length,
    sequenceFalls: falls.length,
    pictureBackP99Seconds: quantile(
      cuts.flatMap(({ backSeconds }) => backSeconds),
      0.99,
      3,
    ),
    resumeSeconds: {
      ffmpeg: worst(resume.ffmpeg),
      process: worst(resume.process),
      pod: pod ? worst(pod.seconds) : null,
    },
    encoderDisconnects,
    neverBack: cuts.reduce((sum, { neverBack }) => sum + neverBack, 0),
    non2xxDuringKills: duringKills.refusals.length + (pod?.refusals.length ?? 0),
  }
  console.log(JSON.stringify(result))
  const isMet =
    result.arrivedNeverShownSeconds === 0 &&
    result.non2xx === 0 &&
    result.sequenceFalls === 0 &&
    result.neverBack === 0 &&
    result.pictureBackP99Seconds <= bounds.pictureBackSeconds &&
    result.resumeSeconds.ffmpeg <= bounds.ffmpeg &&
    result.resumeSeconds.process <= bounds.process &&
    (result.resumeSeconds.pod ?? 0) <= bounds.pod &&
    encoderDisconnects === 0
  process.exitCode = isMet ? 0 : 1
}
