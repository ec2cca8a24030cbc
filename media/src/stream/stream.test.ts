import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { setTimeout as wait } from 'node:timers/promises'
import { connectRtmpPublisher } from '../rtmp/client.ts'
import { followRendition, type ConformanceReport } from './testing/conformance.ts'
import { metadata, videoConfig, videoFrame } from './testing/flv-messages.ts'
import { trackRuns } from './testing/mp4-boxes.ts'
import { attributes, parsePlaylist } from './testing/parse-playlist.ts'
import { pushWithFfmpeg, startStream, type FixtureOptions, type PushOptions } from './testing/stream-fixture.ts'

const run = promisify(execFile)
const rung = { height: 120, bitrateBps: 150_000 }

async function streamOf(t: TestContext, options: FixtureOptions = {}) {
  const fixture = await startStream(options)
  t.after(() => fixture.close())
  const push = (pushOptions: Omit<PushOptions, 'url'>) => {
    const child = pushWithFfmpeg({ url: fixture.rtmpUrl, ...pushOptions })
    t.after(() => child.kill('SIGKILL'))
    return child
  }
  const get = async (path: string) => {
    const response = await fetch(fixture.baseUrl + path, { signal: AbortSignal.timeout(30_000) })
    return { response, text: await response.text() }
  }
  /** Asks until it is there: an encoder may take its time to begin. */
  const served = async (path: string) => {
    for (;;) {
      const { response, text } = await get(path)
      if (response.status === 200) return text
      await wait(50, undefined, { signal: t.signal })
    }
  }
  const playlist = async (rendition: string) => parsePlaylist((await get(`/${rendition}/media.m3u8`)).text)
  const until = async (condition: () => Promise<boolean> | boolean) => {
    while (!(await condition())) await wait(50, undefined, { signal: t.signal })
  }
  /** Every rung has something to play. */
  const rungsPlay = (count: number) => until(() => fixture.stream.pipeline?.runningRungs.length === 1 + count)
  return { ...fixture, push, get, served, playlist, until, rungsPlay }
}

function assertConforms(report: ConformanceReport) {
  assert.deepEqual(report.violations, [])
}

test(
  'a push becomes two renditions that ffprobe reads without a word, and that keep every rule of the draft over a cut',
  { timeout: 300_000 },
  async (t) => {
    const stream = await streamOf(t, { ladder: [rung], thumbnailSeconds: 1 })
    const first = stream.push({ seconds: 60 })
    await stream.served('/120p/media.m3u8')
    const { response, text } = await stream.get('/index.m3u8')
    assert.equal(response.status, 200)
    const variants = [...text.matchAll(/#EXT-X-STREAM-INF:(.*)\n(.*)\n/g)].map(([, list = '', uri]) => ({
      ...attributes(list),
      uri,
    }))
    assert.deepEqual(
      variants.map(({ uri }) => uri),
      ['source/media.m3u8', '120p/media.m3u8'],
    )
    assert.match(text, /CODECS="avc1\.42c0[0-9a-f]{2},mp4a\.40\.2",RESOLUTION=320x240,FRAME-RATE=30\.000\n/)

    const follow = ['source', '120p'].map((rendition) =>
      followRendition({ baseUrl: stream.baseUrl, rendition, durationMs: 22_000, toleranceMs: 5000 }),
    )
    await wait(8000)
    first.kill('SIGKILL')
    await stream.until(async () =>
      (await stream.playlist('source')).segments.some(
        (segment) => segment.parts.filter((part) => part.independent).length >= 3,
      ),
    )
    const second = stream.push({ seconds: 60 })
    for (const report of await Promise.all(follow)) {
      assertConforms(report)
      assert.ok(report.parts >= 20, `${report.parts} parts`)
    }
    const source = await stream.playlist('source')
    assert.ok(source.segments.some((segment) => segment.discontinuity))
    for (const rendition of ['source', '120p']) {
      const probe = await run('ffprobe', [
        '-v',
        'warning',
        '-show_entries',
        'stream=codec_name,height',
        '-of',
        'csv=p=0',
        `${stream.baseUrl}/${rendition}/media.m3u8`,
      ])
      assert.match(probe.stdout, rendition === 'source' ? /h264,240/ : /h264,120/)
      assert.match(probe.stdout, /aac/)
      assert.doesNotMatch(probe.stderr, /timestamp|DTS|PTS|non.monoton/i)
    }
    await stream.until(async () => (await fetch(`${stream.baseUrl}/thumbnail.jpg`)).status === 200)
    second.kill('SIGKILL')
  },
)

test(
  'parts of both renditions cover the same time, with the same audio, without a gap',
  { timeout: 300_000 },
  async (t) => {
    const stream = await streamOf(t, { ladder: [rung] })
    const push = stream.push({ seconds: 120, extra: ['-bf', '2', '-tune', 'film'] })
    await stream.rungsPlay(1)
    const whole = async () => (await stream.playlist('120p')).segments.filter(({ uri }) => uri !== undefined)
    // where pictures of the rung did not come in time, by what is behind that
    const lateMs = () =>
      Math.max(...(stream.stream.pipeline?.ladder.ready ?? []).map(({ packager }) => packager.lastLateMs))
    let list = await whole()
    await stream.until(async () => (list = await whole()).length >= 4 && Date.now() - lateMs() > 12_000)
    push.kill('SIGKILL')
    list = list.slice(-4)
    let videoEnd: number | undefined
    let audioEnd: number | undefined
    for (const segment of list) {
      const [source, transcoded] = await Promise.all(
        ['source', '120p'].map(async (name) =>
          Buffer.from(await (await fetch(`${stream.baseUrl}/${name}/${segment.uri}`)).arrayBuffer()),
        ),
      )
      assert.ok(source && transcoded)
      const audioOf = (bytes: Buffer) => trackRuns(bytes).filter(({ trackId }) => trackId === 2)
      assert.deepEqual(audioOf(transcoded), audioOf(source))
      const frames = (bytes: Buffer) =>
        trackRuns(bytes)
          .filter(({ trackId }) => trackId === 1)
          .map(({ samples, duration }) => [samples, duration])
      assert.deepEqual(frames(transcoded), frames(source))
      for (const runOf of trackRuns(source)) {
        const end = runOf.trackId === 1 ? videoEnd : audioEnd
        if (end !== undefined) assert.equal(runOf.start, end)
        if (runOf.trackId === 1) videoEnd = runOf.start + runOf.duration
        else audioEnd = runOf.start + runOf.duration
      }
    }
    assert.ok(videoEnd !== undefined && audioEnd !== undefined)
    assert.ok(Math.abs(videoEnd / 90_000 - audioEnd / 48_000) < 0.15)
  },
)

test('an encoder with another key is refused, and nothing of it is served', { timeout: 300_000 }, async (t) => {
  const stream = await streamOf(t)
  const intruder = pushWithFfmpeg({ url: stream.rtmpUrl.replace(/\w+$/, 'not-the-key'), seconds: 10 })
  t.after(() => intruder.kill('SIGKILL'))
  assert.notEqual(await intruder.done, 0)
  assert.equal(stream.stream.pipeline?.state, 'waiting')
  assert.equal((await stream.get('/source/seg-0.m4s')).response.status, 404)
})

test(
  'a killed ladder is back within 1.5 s and the source rendition does not pause',
  { timeout: 300_000 },
  async (t) => {
    const stream = await streamOf(t, { ladder: [rung] })
    stream.push({ seconds: 60 })
    await stream.served('/120p/media.m3u8')
    const follow = ['source', '120p'].map((rendition) =>
      followRendition({ baseUrl: stream.baseUrl, rendition, durationMs: 9000, toleranceMs: 5000 }),
    )
    await wait(3300)
    const { pid } = stream.stream.pipeline?.ladder ?? {}
    assert.ok(pid)
    process.kill(pid, 'SIGKILL')
    const [source, transcoded] = await Promise.all(follow)
    assert.ok(source && transcoded)
    assertConforms(source)
    assertConforms(transcoded)
    assert.equal(transcoded.gaps, 0)
    assert.equal(stream.stream.pipeline?.transcoderRestarts, 1)
  },
)

test('the ladder and the preset of a broadcast come before those of the release', { timeout: 300_000 }, async (t) => {
  const own = { ladder: [{ height: 160, bitrateBps: 250_000 }], encoderPreset: 'superfast' } as const
  const stream = await streamOf(t, { ladder: [rung], preset: 'ultrafast', assignment: own })
  stream.push({ seconds: 60 })
  await stream.rungsPlay(1)
  assert.match(await stream.served('/index.m3u8'), /^160p\/media\.m3u8$/m)
  const { pid } = stream.stream.pipeline?.ladder ?? {}
  const encoder = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ')
  assert.match(encoder, /libx264 -preset superfast .*-b:v 250000 /)
})

test(
  'the end of a broadcast is ENDLIST in every rendition, with everything still there',
  { timeout: 300_000 },
  async (t) => {
    const stream = await streamOf(t, { ladder: [rung] })
    stream.push({ seconds: 60 })
    await stream.rungsPlay(1)
    await stream.until(async () => (await stream.playlist('120p')).segments.length >= 3)
    await stream.stream.pipeline?.end()
    for (const rendition of ['source', '120p']) {
      const report = await followRendition({ baseUrl: stream.baseUrl, rendition, durationMs: 1000, toleranceMs: 5000 })
      assertConforms(report)
      assert.ok(report.last?.ended)
    }
  },
)

test(
  'a player that knows the Pod before is answered with the first part of the next one, even if it asked too early',
  { timeout: 300_000 },
  async (t) => {
    const assigned = Promise.withResolvers<void>()
    const stream = await streamOf(t, {
      assignment: {
        sequence: { number: 100, discontinuity: 0, atMs: Date.now() + 3_600_000, segmentSeconds: 2 },
      },
      source: (assignment) => ({
        current: undefined,
        subscribe: (listener) => void assigned.promise.then(() => listener(assignment)),
        close: () => Promise.resolve(),
      }),
    })
    const early = stream.get('/source/media.m3u8?_HLS_msn=101&_HLS_part=0')
    const newcomer = stream.playlist('source')
    assigned.resolve()
    const encoder = await connectRtmpPublisher({
      host: '127.0.0.1',
      port: stream.stream.rtmpPort,
      app: 'live',
      streamName: stream.key,
      signal: t.signal,
      deadlineMs: 60_000,
    })
    const pictures = Array.from({ length: 90 }, (_, at) =>
      videoFrame(Math.round((at * 1000) / 30), { key: at % 60 === 0 }),
    )
    for (const message of [metadata({ framerate: 30, videocodecid: 7 }), videoConfig(), ...pictures.slice(0, 30)])
      encoder.write(message)
    const { response, text } = await early
    assert.equal(response.status, 200)
    assert.match(text, /#EXT-X-GAP\n/)
    assert.match(text, /part-101\.0\.m4s/)
    assert.doesNotMatch(text, /seg-101/, 'it did not wait for the whole segment')
    for (const picture of pictures.slice(30)) encoder.write(picture)
    assert.match(
      (await newcomer).segments.map(({ uri }) => uri).join(),
      /seg-101/,
      'who knows no playlist waits for it',
    )
  },
)

test('audio alone and picture alone play too', { timeout: 300_000 }, async (t) => {
  for (const [video, audio] of [
    [false, true],
    [true, false],
  ] as const) {
    const stream = await streamOf(t, { ladder: [] })
    const push = stream.push({ seconds: 30, video, audio })
    assert.match(await stream.served('/index.m3u8'), video ? /CODECS="avc1\.[0-9a-f]+"/ : /CODECS="mp4a\.40\.2"\n/)
    await stream.served('/source/media.m3u8')
    const report = await followRendition({
      baseUrl: stream.baseUrl,
      rendition: 'source',
      durationMs: 5000,
      toleranceMs: 5000,
    })
    assertConforms(report)
    push.kill('SIGKILL')
  }
})
