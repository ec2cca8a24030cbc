/** A recording as a Pod makes it of an encoder that came back with other tracks, played in a browser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { connectObjectStore } from '@mytaek1/platform/object-store.ts'
import { testBucket } from '@mytaek1/platform/testing/bucket.ts'
import { broadcastOf, edgeUnderTest } from '../src/edge/testing/edge-under-test.ts'
import { connectRtmpPublisher } from '../src/rtmp/client.ts'
import type { MediaMessage } from '../src/rtmp/media-message.ts'
import type { Assignment } from '../src/stream/assignment/assignment.ts'
import { startStream } from '../src/stream/testing/stream-fixture.ts'
import { openPlayer, type PlayerFacts } from './harness/browser-player.ts'
import { makeStampedClip } from './harness/stamped-clip.ts'

const seconds = 8
const patienceMs = 60_000

test(
  'a recording of an encoder that came back without sound plays to its end, and is sought over the change',
  { timeout: 400_000 },
  async (t) => {
    const clip = await makeStampedClip({ width: 640, height: 360, frameRate: 30, seconds, bitrateBps: 400_000 })
    const objectStore = testBucket()
    const store = connectObjectStore(objectStore)
    t.after(() => store.close())
    const { port, routes } = await edgeUnderTest(t, (_request, response) => void response.end(), { store })
    routes.upsert(broadcastOf('b-test', { podName: 'pod', podIP: '127.0.0.1' }))
    let tell: (state: Assignment['state']) => void = () => undefined
    const pod = await startStream({
      objectStore,
      assignment: { recording: true },
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
    const publish = async (messages: readonly MediaMessage[]) => {
      const target = { host: '127.0.0.1', port: pod.stream.rtmpPort, app: 'live', streamName: pod.key }
      const publisher = await connectRtmpPublisher({ ...target, signal: t.signal, deadlineMs: patienceMs })
      const start = performance.now()
      for (const message of messages) {
        const dueMs = start + message.timestampMs - performance.now()
        if (dueMs > 1) await wait(dueMs, undefined, { signal: t.signal })
        publisher.write(message)
      }
      publisher.close()
    }
    const all = [...clip.headers, ...clip.messages.map(({ message }) => message)]
    await publish(all)
    await publish(all.filter(({ type }) => type === 'video'))
    tell('ended')
    const { recorder } = pod.stream
    assert.ok(recorder)
    while (!recorder.closed) await wait(100, undefined, { signal: t.signal })

    const player = await openPlayer({ url: `http://127.0.0.1:${port}/hls/b-test/recording/index.m3u8` })
    t.after(() => player.close())
    const first = await player.played(1.9 * seconds, patienceMs)
    assert.deepEqual(first.errors, [])
    const pictures = new Set(first.shown.map(({ picture }) => picture))
    const unseen = ({ stoodStillMs }: PlayerFacts) => (stoodStillMs / 1_000) * 30
    const different = pictures.size + unseen(first)
    assert.ok(different > 0.8 * seconds * 30, `${different} different pictures of ${seconds * 30}`)
    await player.seek(1)
    const back = await player.played(3, patienceMs)
    await player.seek(seconds + 3)
    const there = await player.played(seconds + 5, patienceMs)
    for (const facts of [back, there]) {
      assert.deepEqual(facts.errors, [])
      assert.ok(facts.shown.length + unseen(facts) > 30, `${facts.shown.length} pictures in two seconds`)
    }
  },
)
