/** Inputs from the field, from an encoder's messages to what viewers are served. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { readFlvTag } from '../rtmp/flv-tag.ts'
import type { MediaMessage } from '../rtmp/media-message.ts'
import { EncoderAdvice } from './encoder-advice.ts'
import type { LatencyProfile } from './hls/part-target.ts'
import { segmentSeconds } from './hls/rendition.ts'
import { Pipeline, type PipelineState } from './pipeline.ts'
import { aac, makeClip, pattern, tone, x264 } from './testing/clip.ts'
import { aacRecords, audioConfig } from './testing/flv-messages.ts'
import { boxesOf, trackSamples, type TrackSample } from './testing/mp4-boxes.ts'

const stepMs = 5
const both = (gop: number, seconds: number) => `${pattern} ${tone} ${x264} -g ${gop} ${aac} -t ${seconds}`

interface Served {
  seconds: number
  discontinuities: number
  gaps: number
  tracks: string[] // of each segment's init
  partsWithout: { picture: number; sound: number }
  video: TrackSample[]
  audio: TrackSample[]
  inits: string[]
}

/** A pipeline on a clock of its own, and an encoder that sends to it. */
async function stream(t: TestContext, latency: LatencyProfile = 'Low') {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-cases-'))
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'Date'], now: Date.UTC(2026, 0, 1) })
  const pipeline = new Pipeline({
    latency,
    dvrWindowSeconds: 600,
    rungs: [],
    preset: 'ultrafast',
    firstNumbers: () => ({ mediaSequenceNumber: 1, lostSegments: 0, discontinuitySequence: 0 }),
    directory,
    transcoderDirectory: directory, // nobody is there, nor asked for
    thumbnailSeconds: 0,
    log: createLogger({ service: 'cases-test' }, { write: () => {} }),
  })
  const states: PipelineState[] = []
  pipeline.on('state', (state) => states.push(state))
  t.after(async () => {
    t.mock.timers.reset()
    await pipeline.close()
    await rm(directory, { recursive: true, force: true })
  })
  let connection = pipeline.connect()
  const pass = (ms: number) => {
    for (let left = ms; left > 0; left -= stepMs) t.mock.timers.tick(Math.min(stepMs, left))
  }
  return {
    pipeline,
    states,
    pass,
    reconnect: () => {
      pipeline.disconnect(connection)
      connection = pipeline.connect()
    },
    /** Sends messages as they are stamped; `arrivesAt` tells when each does, in ms from the first. */
    send: (messages: MediaMessage[], arrivesAt = (ms: number) => ms) => {
      const startMs = Date.now()
      for (const message of messages) {
        pass(startMs + arrivesAt(message.timestampMs) - Date.now())
        pipeline.push(connection, message)
      }
    },
    served: () => servedBy(pipeline),
  }
}

async function servedBy(pipeline: Pipeline): Promise<Served> {
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
function longestHole(samples: readonly TrackSample[], timescale: number): number {
  const holes = samples.map((sample, index) => {
    const before = samples[index - 1]
    return before === undefined ? 0 : sample.time - before.time - before.duration
  })
  return Math.max(...holes.map(Math.abs)) / timescale
}

const payloads = (messages: readonly MediaMessage[], kind: 'video' | 'audio') =>
  messages.flatMap((message) => {
    const { role, payloadAt } = readFlvTag(message)
    return message.type === kind && (role === 'key' || role === 'frame') ? [message.body.subarray(payloadAt)] : []
  })

/** How many of what was sent is nowhere in what was served. */
function neverServed(sent: readonly Buffer[], served: readonly TrackSample[]): number {
  const there = new Set(served.map(({ data }) => data.toString('latin1')))
  return sent.filter((data) => !there.has(data.toString('latin1'))).length
}

const silentSeconds = (audio: readonly TrackSample[]) =>
  audio.filter(({ data }) => data.length < 10).length * (1024 / 48_000)

function assertWhole(served: Served): void {
  assert.deepEqual([served.discontinuities, served.gaps, served.partsWithout], [0, 0, { picture: 0, sound: 0 }])
  assert.ok(longestHole(served.video, 90_000) <= 0.001, `${longestHole(served.video, 90_000)} s without a picture`)
  assert.ok(longestHole(served.audio, 48_000) <= 0.001, `${longestHole(served.audio, 48_000)} s without sound`)
}

test("a phone's app goes to the background: sound goes on, the last picture stays", { timeout: 60_000 }, async (t) => {
  const clip = await makeClip(both(60, 20))
  const sent = clip.filter(({ type, timestampMs }) => type !== 'video' || timestampMs < 8000 || timestampMs >= 16_000)
  for (const latency of ['Low', 'Ultra'] as const) {
    await t.test(latency, async (t) => {
      const { send, served, states } = await stream(t, latency)
      send(sent)
      const result = await served()
      assertWhole(result)
      assert.deepEqual(states, ['live', 'ended'])
      assert.ok(Math.abs(result.seconds - 20) < 0.3, `${result.seconds}`)
      assert.equal(neverServed(payloads(sent, 'video'), result.video), 0)
      assert.ok(neverServed(payloads(sent, 'audio'), result.audio) <= 3, 'but for what is beyond the last picture')
      assert.ok(silentSeconds(result.audio) < 0.1)
    })
  }
})

test('a screen share that pauses is listed as it passes', { timeout: 60_000 }, async (t) => {
  const still = "-vf select='lt(mod(t,4.5),1.5)+eq(mod(n,45),0)' -vsync vfr"
  const clip = await makeClip(`${pattern} ${tone} ${still} ${x264} -g 30 ${aac} -t 20`)
  for (const latency of ['Low', 'Ultra'] as const) {
    await t.test(latency, async (t) => {
      const { send, served } = await stream(t, latency)
      send(clip)
      const result = await served()
      assertWhole(result)
      assert.ok(Math.abs(result.seconds - 20) < 1.6, `${result.seconds}`)
      assert.equal(neverServed(payloads(clip, 'video'), result.video), 0)
      assert.ok(silentSeconds(result.audio) <= 0.5, `${silentSeconds(result.audio)}`)
    })
  }
})

test(
  'a still picture and radio: both tracks are whole, and lists are as long as what they list',
  { timeout: 60_000 },
  async (t) => {
    const still = '-f lavfi -i color=c=blue:size=640x360:rate=1'
    const clip = await makeClip(`${still} ${tone} ${x264} -g 2 ${aac} -t 24`)
    // ffmpeg sends the sound of a second when it has the picture after it
    for (const [latency, arrivesAt] of [
      ['Low', (ms: number) => ms],
      ['Low', (ms: number) => Math.ceil(ms / 1000) * 1000],
      ['Ultra', (ms: number) => ms],
      ['Ultra', (ms: number) => Math.ceil(ms / 1000) * 1000],
    ] as const) {
      await t.test(`${latency}, ${arrivesAt(1)}`, async (t) => {
        const { send, served } = await stream(t, latency)
        send(clip, arrivesAt)
        const result = await served()
        assertWhole(result)
        assert.ok(result.seconds > 22 && result.seconds < 26.5, `${result.seconds}`)
        assert.equal(neverServed(payloads(clip, 'video'), result.video), 0)
        const lost = neverServed(payloads(clip, 'audio'), result.audio)
        assert.ok(lost * (1024 / 48_000) < 1.1, `${lost} units, but for what is beyond the last picture`)
        assert.ok(silentSeconds(result.audio) <= 2.5, `${silentSeconds(result.audio)}`)
        const media = result.video.reduce((sum, { duration }) => sum + duration, 0) / 90_000
        assert.ok(Math.abs(media - result.seconds) < 0.01, `${media} s in ${result.seconds}`)
      })
    }
  },
)

for (const gop of [60, 250, 10_000]) {
  test(
    `an uplink that stops and goes on: all that came is served, at once (-g ${gop})`,
    { timeout: 60_000 },
    async (t) => {
      const clip = await makeClip(`${both(gop, 20)} -sc_threshold 0`)
      for (const [latency, stallMs] of [
        ['Ultra', 500],
        ['Low', 1200],
        ['Low', 1900],
        ['Ultra', 5000],
      ] as const) {
        await t.test(`${latency}, ${stallMs} ms`, async (t) => {
          const { send, served, states } = await stream(t, latency)
          send(clip, (ms) => (ms > 9100 && ms < 9100 + stallMs ? 9100 + stallMs : ms))
          const result = await served()
          assertWhole(result)
          assert.equal(states.at(-2), 'live')
          assert.equal(neverServed(payloads(clip, 'video'), result.video), 0)
          assert.ok(neverServed(payloads(clip, 'audio'), result.audio) <= 3, 'but for what is beyond the last picture')
          assert.ok(result.seconds < 20.3 + stallMs / 1000, `${result.seconds}`)
        })
      }
    },
  )
}

for (const [interval, advice] of [
  ['infinite', 'KeyFramesFarApart'], // which leaves nothing to refresh: one picture to begin with, and none after it
  ['60', 'KeyFramesNotIdr'],
] as const) {
  test(
    `one IDR picture only (keyint=${interval}:intra-refresh=1), and an uplink that stops: all is served, and the seller is told`,
    { timeout: 60_000 },
    async (t) => {
      const refresh = `-x264-params keyint=${interval}:intra-refresh=1`
      const clip = await makeClip(`${pattern} ${tone} ${x264} ${refresh} ${aac} -t 20`)
      for (const latency of ['Low', 'Ultra'] as const) {
        await t.test(latency, async (t) => {
          const { pipeline, send, served, states } = await stream(t, latency)
          send(clip, (ms) => (ms > 9100 && ms < 10_300 ? 10_300 : ms))
          const { meter, notTaken } = pipeline
          const keyFrameSeconds = meter.longKeyFrameIntervalSeconds(Date.now())
          const habits = { keyFrameSeconds, hasRecoveryPoints: meter.hasRecoveryPoints(Date.now()), notTaken }
          assert.equal(new EncoderAdvice().of(habits)?.[0], advice)
          const result = await served()
          assertWhole(result)
          assert.equal(states.at(-2), 'live')
          assert.equal(neverServed(payloads(clip, 'video'), result.video), 0)
          assert.ok(neverServed(payloads(clip, 'audio'), result.audio) <= 3, 'but for what is beyond the last picture')
          assert.ok(result.seconds < 21.5, `${result.seconds}`)
        })
      }
    },
  )
}

test(
  'an encoder that comes back without sound, or without pictures, leaves the tracks as they were',
  { timeout: 60_000 },
  async (t) => {
    const clip = await makeClip(both(60, 8))
    const mute = await makeClip(`${pattern} ${x264} -g 60 -t 4`)
    const dark = await makeClip(`${tone} ${aac} -t 4`)
    for (const [what, second] of [
      ['mute', mute],
      ['dark', dark],
    ] as const) {
      await t.test(what, async (t) => {
        const { send, served, reconnect, pass } = await stream(t)
        send(clip)
        reconnect()
        pass(1500)
        send(second)
        reconnect()
        pass(700)
        send(clip)
        const result = await served()
        assert.deepEqual([...new Set(result.tracks)], ['soun+vide'])
        assert.deepEqual([result.discontinuities, result.gaps, result.partsWithout], [2, 0, { picture: 0, sound: 0 }])
        assert.equal(neverServed(payloads(second, 'video'), result.video), 0)
        assert.ok(
          neverServed(payloads(second, 'audio'), result.audio) <= 12,
          'but for what was beyond the last picture',
        )
      })
    }
  },
)

test(
  'sound that is stamped five seconds ahead: every part has both tracks from the first on',
  { timeout: 60_000 },
  async (t) => {
    const clip = await makeClip(both(60, 10))
    const { send, served } = await stream(t)
    send(
      clip.map((message) =>
        message.type === 'audio' ? { ...message, timestampMs: message.timestampMs + 5000 } : message,
      ),
      () => 0, // in their order
    )
    const result = await served()
    assertWhole(result)
    const [video, audio] = [result.video[0], result.audio[0]]
    assert.ok(video && audio && Math.abs(video.time / 90_000 - audio.time / 48_000) < 0.05)
  },
)

test(
  'another header for the sound inside a GOP: no unit is under the wrong init, and none is lost',
  { timeout: 60_000 },
  async (t) => {
    const clip = await makeClip(both(300, 6))
    const mono = (await makeClip(`${tone} -c:a aac -ar 44100 -ac 1 -t 12`)).filter(({ type }) => type === 'audio')
    const pictures = (await makeClip(`${pattern} ${x264} -g 300 -t 9`)).filter(({ type }) => type === 'video')
    const changed = [...pictures, ...mono.slice(1)].filter(
      ({ timestampMs }) => timestampMs > 5000 && timestampMs < 9000,
    )
    const { send, served } = await stream(t)
    const before = clip.filter(({ timestampMs }) => timestampMs <= 5000)
    send(before)
    send([audioConfig(aacRecords.mono44), ...changed.toSorted((a, b) => a.timestampMs - b.timestampMs)], (ms) =>
      Math.max(0, ms - 5000),
    )
    const result = await served()
    assert.deepEqual([result.discontinuities, new Set(result.inits).size, result.gaps], [1, 2, 0])
    assert.deepEqual(result.partsWithout, { picture: 0, sound: 0 })
    assert.equal(neverServed(payloads(changed, 'video'), result.video), 0)
    const monoUnits = payloads(changed, 'audio')
    assert.ok(neverServed(monoUnits, result.audio) <= 3)
    assert.ok(neverServed(payloads(before, 'audio'), result.audio) <= 3)
  },
)
