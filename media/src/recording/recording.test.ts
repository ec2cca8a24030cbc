import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { connectObjectStore } from '@mytaek1/platform/object-store.ts'
import { testBucket } from '@mytaek1/platform/testing/bucket.ts'
import { mediaKey } from './layout.ts'
import { broadcastOf, edgeUnderTest } from '../edge/testing/edge-under-test.ts'
import { trackRuns } from '../stream/testing/mp4-boxes.ts'
import { pushWithFfmpeg, startStream, type StreamFixture } from '../stream/testing/stream-fixture.ts'
import type { Assignment } from '../stream/assignment/assignment.ts'

const run = promisify(execFile)
const rung = { height: 120, bitrateBps: 150_000 }

/** What ffprobe reads of a rendition, and what it has to say of it. At a discontinuity it always complains: it knows none. */
const probe = (port: number, rendition: string) => {
  const how =
    '-v warning -count_packets -select_streams v -of csv=p=0 -show_entries stream=codec_name,height,nb_read_packets'
  return run('ffprobe', [...how.split(' '), `http://127.0.0.1:${port}/hls/b-test/recording/${rendition}/media.m3u8`])
}

/** Lines of a playlist that name files. */
const filesOf = (playlist: string) => playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

test(
  'a broadcast that moved to another Pod is one recording: ffprobe reads every picture of it, in each quality',
  { timeout: 300_000 },
  async (t) => {
    const objectStore = testBucket()
    const store = connectObjectStore(objectStore)
    t.after(() => store.close())
    const { ask, port, routes } = await edgeUnderTest(t, (_request, response) => void response.end(), { store })
    routes.upsert(broadcastOf('b-test', { podName: 'pod', podIP: '127.0.0.1' }))
    const text = async (file: string) => String((await ask(`/hls/b-test/recording/${file}`)).body)

    /** Starts a Pod, has it record until there are `enough` segments of each rendition, and tells how its assignment ends. */
    const record = async (enough: number, sequence?: Assignment['sequence']) => {
      let tell: (state: Assignment['state']) => void = () => undefined
      const pod: StreamFixture = await startStream({
        objectStore,
        ladder: [rung],
        assignment: { recording: true, sequence },
        source: (assignment) => ({
          current: assignment,
          subscribe: (listener) => {
            tell = (state) => listener({ ...assignment, state })
            listener(assignment)
          },
          close: () => Promise.resolve(),
        }),
      })
      t.after(() => pod.close())
      const encoder = pushWithFfmpeg({ url: pod.rtmpUrl, seconds: 120 })
      t.after(() => encoder.kill('SIGKILL'))
      const { recorder } = pod.stream
      assert.ok(recorder)
      assert.deepEqual(pod.stream.facts().recording, { state: 'Recording' })
      const hasEnough = async (rendition: string) =>
        (await store.list(mediaKey('b-test', `${rendition}/seg-`))).length >= enough
      for (const rendition of ['source', '120p'])
        while (!(await hasEnough(rendition))) await wait(100, undefined, { signal: t.signal })
      encoder.kill('SIGKILL')
      tell(sequence === undefined ? 'moved' : 'ended')
      return { pod, recorder }
    }
    const first = await record(3)
    await first.recorder.end({ isOver: false })
    // Another edge, which knows of no such broadcast, takes what there is for all.
    const elsewhere = await edgeUnderTest(t, (_request, response) => void response.end(), { store })
    const alone = await probe(elsewhere.port, 'source')
    assert.match(alone.stdout, /^h264,240,\d{3,}\n/)
    assert.equal(alone.stderr, '', 'without a word')
    const second = await record(6, { number: 50, discontinuity: 0, atMs: Date.now(), segmentSeconds: 2 })
    while (!second.recorder.closed) await wait(100, undefined, { signal: t.signal })
    assert.deepEqual(second.pod.stream.facts().recording, { state: 'Closed' })
    assert.equal(first.recorder.lost + second.recorder.lost, 0)

    const index = await text('index.m3u8')
    assert.deepEqual(filesOf(index), ['source/media.m3u8', '120p/media.m3u8'])
    assert.match(index, /CODECS="avc1\.42c0[0-9a-f]{2},mp4a\.40\.2",RESOLUTION=320x240,FRAME-RATE=30\.000\n/)
    let stored = 0
    for (const rendition of ['source', '120p']) {
      const playlist = await text(`${rendition}/media.m3u8`)
      assert.match(playlist, /#EXT-X-PLAYLIST-TYPE:VOD\n[^]*#EXT-X-DISCONTINUITY\n#EXT-X-MAP[^]*#EXT-X-ENDLIST\n$/)
      let pictures = 0
      for (const file of filesOf(playlist)) {
        const { status, body } = await ask(`/hls/b-test/recording/${rendition}/${file}`)
        if (status === 404 && playlist.includes('#EXT-X-GAP')) continue // before the rung's encoder was up
        assert.equal(status, 200, file)
        stored += 1
        for (const { trackId, samples } of trackRuns(body)) if (trackId === 1) pictures += samples
      }
      assert.ok(pictures > 240, `${pictures} pictures`)
      const { stdout } = await probe(port, rendition)
      assert.match(stdout, new RegExp(`^h264,${rendition === 'source' ? 240 : 120},${pictures}\n`))
    }
    assert.equal(stored, first.recorder.stored + second.recorder.stored, 'every segment that was stored is listed')
  },
)
