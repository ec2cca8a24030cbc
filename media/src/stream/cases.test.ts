/** Inputs from the field, from an encoder's messages to what viewers are served. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EncoderAdvice } from './encoder-advice.ts'
import { aac, makeClip, pattern, tone, x264 } from './testing/clip.ts'
import { feedPipeline, longestHole, neverServed, payloads, silentSeconds, type Served } from './testing/fed-pipeline.ts'
import { aacRecords, audioConfig } from './testing/flv-messages.ts'

const both = (gop: number, seconds: number) => `${pattern} ${tone} ${x264} -g ${gop} ${aac} -t ${seconds}`

function assertWhole(served: Served): void {
  assert.deepEqual(served.violations, [])
  assert.deepEqual([served.discontinuities, served.gaps, served.partsWithout], [0, 0, { picture: 0, sound: 0 }])
  assert.ok(longestHole(served.video, 90_000) <= 0.001, `${longestHole(served.video, 90_000)} s without a picture`)
  assert.ok(longestHole(served.audio, 48_000) <= 0.001, `${longestHole(served.audio, 48_000)} s without sound`)
}

test("a phone's app goes to the background: sound goes on, the last picture stays", { timeout: 300_000 }, async (t) => {
  const clip = await makeClip(both(60, 20))
  const sent = clip.filter(({ type, timestampMs }) => type !== 'video' || timestampMs < 8000 || timestampMs >= 16_000)
  for (const latency of ['Low', 'Ultra'] as const) {
    await t.test(latency, async (t) => {
      const { send, served, states } = await feedPipeline(t, latency)
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

test('a screen share that pauses is listed as it passes', { timeout: 300_000 }, async (t) => {
  const still = "-vf select='lt(mod(t,4.5),1.5)+eq(mod(n,45),0)' -vsync vfr"
  const clip = await makeClip(`${pattern} ${tone} ${still} ${x264} -g 30 ${aac} -t 20`)
  for (const latency of ['Low', 'Ultra'] as const) {
    await t.test(latency, async (t) => {
      const { send, served } = await feedPipeline(t, latency)
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
  { timeout: 300_000 },
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
        const { send, served } = await feedPipeline(t, latency)
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
    { timeout: 300_000 },
    async (t) => {
      const clip = await makeClip(`${both(gop, 20)} -sc_threshold 0`)
      for (const [latency, stallMs] of [
        ['Ultra', 500],
        ['Low', 1200],
        ['Low', 1900],
        ['Ultra', 5000],
      ] as const) {
        await t.test(`${latency}, ${stallMs} ms`, async (t) => {
          const { send, served, states } = await feedPipeline(t, latency)
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
    { timeout: 300_000 },
    async (t) => {
      const refresh = `-x264-params keyint=${interval}:intra-refresh=1`
      const clip = await makeClip(`${pattern} ${tone} ${x264} ${refresh} ${aac} -t 20`)
      for (const latency of ['Low', 'Ultra'] as const) {
        await t.test(latency, async (t) => {
          const { pipeline, send, served, states } = await feedPipeline(t, latency)
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
  { timeout: 300_000 },
  async (t) => {
    const clip = await makeClip(both(60, 8))
    const mute = await makeClip(`${pattern} ${x264} -g 60 -t 4`)
    const dark = await makeClip(`${tone} ${aac} -t 4`)
    for (const [what, second] of [
      ['mute', mute],
      ['dark', dark],
    ] as const) {
      await t.test(what, async (t) => {
        const { send, served, reconnect, pass } = await feedPipeline(t)
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
  { timeout: 300_000 },
  async (t) => {
    const clip = await makeClip(both(60, 10))
    const { send, served } = await feedPipeline(t)
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
  { timeout: 300_000 },
  async (t) => {
    const clip = await makeClip(both(300, 6))
    const mono = (await makeClip(`${tone} -c:a aac -ar 44100 -ac 1 -t 12`)).filter(({ type }) => type === 'audio')
    const pictures = (await makeClip(`${pattern} ${x264} -g 300 -t 9`)).filter(({ type }) => type === 'video')
    const changed = [...pictures, ...mono.slice(1)].filter(
      ({ timestampMs }) => timestampMs > 5000 && timestampMs < 9000,
    )
    const { send, served } = await feedPipeline(t)
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
