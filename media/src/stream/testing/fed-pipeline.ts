/** A pipeline on a clock of its own and an encoder that sends to it: what comes of an input is known in no time at all. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { readFlvTag } from '../../rtmp/flv-tag.ts'
import type { MediaMessage } from '../../rtmp/media-message.ts'
import { mediaPlaylist } from '../hls/media-playlist.ts'
import type { LatencyProfile } from '../hls/part-target.ts'
import { segmentSeconds } from '../hls/rendition.ts'
import { Pipeline, type PipelineState } from '../pipeline.ts'
import { TidyAvc } from '../remux/tidy-avc.ts'
import { Findings } from './findings.ts'
import { boxesOf, trackSamples, type TrackSample } from './mp4-boxes.ts'
import { parsePlaylist } from './parse-playlist.ts'
import { checkPlaylist } from './playlist-rules.ts'

const stepMs = 5

/** What viewers were served of all that was sent. */
export interface Served {
  seconds: number
  discontinuities: number
  gaps: number
  tracks: string[] // of each segment's init
  partsWithout: { picture: number; sound: number }
  video: TrackSample[]
  audio: TrackSample[]
  inits: string[]
  sampleRate: number // of the first segment's sound
  /** Rules of the draft that a playlist broke on the way. */
  violations: string[]
}

/** A pipeline with its encoder connected. */
export async function feedPipeline(t: TestContext, latency: LatencyProfile = 'Low') {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-fed-'))
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'Date'], now: Date.UTC(2026, 0, 1) })
  const transcoder = { transcoderDirectory: directory } // nobody is there, nor asked for
  const pipeline = new Pipeline({
    latency,
    dvrWindowSeconds: 600,
    rungs: [],
    preset: 'ultrafast',
    firstNumbers: () => ({ mediaSequenceNumber: 1, lostSegments: 0, discontinuitySequence: 0 }),
    directory,
    ...transcoder,
    thumbnailSeconds: 0,
    log: createLogger({ service: 'fed-pipeline' }, { write: () => {} }),
  })
  const states: PipelineState[] = []
  pipeline.on('state', (state) => states.push(state))
  t.after(async () => {
    t.mock.timers.reset()
    await pipeline.close()
    await rm(directory, { recursive: true, force: true })
  })
  let connection = pipeline.connect()
  let avc = new TidyAvc()
  const findings = new Findings()
  let checked = ''
  const check = () => {
    const rendition = pipeline.output('source')?.rendition
    const last = JSON.stringify(rendition?.last)
    if (rendition?.last === undefined || last === checked) return
    checked = last
    const playlist = parsePlaylist(mediaPlaylist({ rendition, reports: [], skip: false }))
    checkPlaylist(playlist, { rendition: 'source', firstKnown: 0, findings })
  }
  const pass = (ms: number) => {
    for (let left = ms; left > 0; left -= stepMs) {
      t.mock.timers.tick(Math.min(stepMs, left))
      check()
    }
  }
  return {
    pipeline,
    states,
    pass,
    reconnect: () => {
      pipeline.disconnect(connection)
      connection = pipeline.connect()
      avc = new TidyAvc()
    },
    /** Sends messages as they are stamped; `arrivesAt` tells when each does, in ms from the first. */
    send: (messages: readonly MediaMessage[], arrivesAt = (ms: number) => ms) => {
      const startMs = Date.now()
      for (const message of messages) {
        pass(startMs + arrivesAt(message.timestampMs) - Date.now())
        for (const tidied of avc.take(message)) pipeline.push(connection, tidied)
        check()
      }
    },
    served: () => servedBy(pipeline, findings),
  }
}

async function servedBy(pipeline: Pipeline, findings: Findings): Promise<Served> {
  await pipeline.end()
  const output = pipeline.output('source')
  assert.ok(output)
  const served: Served = {
    seconds: 0,
    discontinuities: 0,
    gaps: 0,
    tracks: [],
    partsWithout: { picture: 0, sound: 0 },
    video: [],
    audio: [],
    inits: [],
    sampleRate: output.tracks.audio?.sampleRate ?? 48_000,
    violations: [...new Set(findings.violations.map(({ section, rule, detail }) => `${section} ${rule}: ${detail}`))],
  }
  for (const segment of output.rendition.segments) {
    served.seconds += segmentSeconds(segment)
    served.discontinuities += segment.discontinuity ? 1 : 0
    served.tracks.push(handlers(output.store.init(segment.init ?? '') ?? Buffer.alloc(0)))
    served.inits.push(segment.init ?? '')
    for (const [part, { gap }] of segment.parts.entries()) {
      const bytes = output.store.part({ mediaSequenceNumber: segment.mediaSequenceNumber, part })
      assert.ok(bytes)
      served.gaps += gap ? 1 : 0
      const samples = trackSamples(bytes)
      const [video, audio] = [1, 2].map((id) => samples.filter(({ trackId }) => trackId === id))
      if (video?.length === 0) served.partsWithout.picture += 1
      if (audio?.length === 0) served.partsWithout.sound += 1
      served.video.push(...(video ?? []))
      served.audio.push(...(audio ?? []))
    }
  }
  return served
}

/** `soun+vide` of an initialization segment. */
function handlers(init: Buffer): string {
  const moov = boxesOf(init).find(({ type }) => type === 'moov')?.payload ?? Buffer.alloc(0)
  return boxesOf(moov)
    .filter(({ type }) => type === 'trak')
    .map(({ payload }) => /hdlr.{8}(soun|vide)/s.exec(payload.toString('latin1'))?.[1] ?? '')
    .toSorted((a, b) => a.localeCompare(b))
    .join('+')
}

/** The longest time in which a track has nothing, in seconds. */
export function longestHole(samples: readonly TrackSample[], timescale: number): number {
  const holes = samples.map((sample, index) => {
    const before = samples[index - 1]
    return before === undefined ? 0 : sample.time - before.time - before.duration
  })
  return Math.max(...holes.map(Math.abs)) / timescale
}

/** The pictures, or the units of sound, among messages. */
export const payloads = (messages: readonly MediaMessage[], kind: 'video' | 'audio') =>
  messages.flatMap((message) => {
    const { role, payloadAt } = readFlvTag(message)
    return message.type === kind && (role === 'key' || role === 'frame') ? [message.body.subarray(payloadAt)] : []
  })

/** How many of what was sent is nowhere in what was served. */
export function neverServed(sent: readonly Buffer[], served: readonly TrackSample[]): number {
  const there = new Set(served.map(({ data }) => data.toString('latin1')))
  return sent.filter((data) => !there.has(data.toString('latin1'))).length
}

/** How much of the sound was made up. */
export const silentSeconds = (audio: readonly TrackSample[]) =>
  audio.filter(({ data }) => data.length < 10).length * (1024 / 48_000)

/** How far sound and picture are from where they were to each other when they were sent, at the worst, in ms. */
export function lipsApartMs(sent: readonly MediaMessage[], { video, audio, sampleRate }: Served): number {
  const pictures = movedBy(sent, 'video', video, (sample) => (sample.time + sample.compositionOffset) / 90)
  const units = movedBy(sent, 'audio', audio, (sample) => (sample.time * 1000) / sampleRate)
  let worst = 0
  let at = 0
  for (const { sentMs, byMs } of pictures) {
    while (Math.abs((units[at + 1]?.sentMs ?? Infinity) - sentMs) <= Math.abs((units[at]?.sentMs ?? 0) - sentMs))
      at += 1
    const unit = units[at]
    if (unit !== undefined && Math.abs(unit.sentMs - sentMs) < 30) worst = Math.max(worst, Math.abs(unit.byMs - byMs))
  }
  return worst
}

/** By how much each message of a kind that was served was moved, by the times that it was sent with. */
function movedBy(
  sent: readonly MediaMessage[],
  kind: 'video' | 'audio',
  served: readonly TrackSample[],
  shownMs: (sample: TrackSample) => number,
): { sentMs: number; byMs: number }[] {
  // What is repeated (a slate, a preroll) counts by its first time.
  const shown = new Map(served.toReversed().map((sample) => [sample.data.toString('latin1'), shownMs(sample)]))
  return sent.flatMap((message) => {
    const { payloadAt, compositionTimeMs } = readFlvTag(message)
    const ms = message.type === kind ? shown.get(message.body.toString('latin1', payloadAt)) : undefined
    return ms === undefined ? [] : [{ sentMs: message.timestampMs, byMs: ms - compositionTimeMs - message.timestampMs }]
  })
}
