/** Inputs from the field, seen in a browser: what a viewer's Chromium shows of pictures that carry their numbers. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { connectRtmpPublisher } from '../src/rtmp/client.ts'
import type { MediaMessage } from '../src/rtmp/media-message.ts'
import { aacRecords, audioConfig } from '../src/stream/testing/flv-messages.ts'
import { makeClip, tone } from '../src/stream/testing/clip.ts'
import { startStream } from '../src/stream/testing/stream-fixture.ts'
import { openPlayer, type BrowserPlayer, type PlayerFacts } from './harness/browser-player.ts'
import { makeStampedClip } from './harness/stamped-clip.ts'

const clip = await makeStampedClip({
  width: 640,
  height: 360,
  frameRate: 30,
  seconds: 24,
  bitrateBps: 400_000,
  gopPictures: 250,
})
const sent = clip.messages.map(({ message }) => message)
const lastPicture = 24 * 30 - 150 // what is shown by then may end there: the rest is the distance from live

interface Encoder {
  messages?: MediaMessage[]
  /** When a message leaves, in ms from the first. */
  leavesAt?: (ms: number) => number
}

/** A stream with a player on it. */
async function watched(t: TestContext) {
  const stream = await startStream()
  t.after(() => stream.close())
  /** @returns the longest time in which nothing was sent, in ms */
  const publish = async ({ messages = sent, leavesAt = (ms) => ms }: Encoder): Promise<number> => {
    const publisher = await connectRtmpPublisher({
      host: '127.0.0.1',
      port: stream.stream.rtmpPort,
      app: 'live',
      streamName: stream.key,
      signal: t.signal,
      deadlineMs: 60_000,
    })
    for (const header of clip.headers) publisher.write(header)
    const start = performance.now()
    let [lastAt, silentMs] = [start, 0]
    for (const message of messages) {
      const dueMs = start + leavesAt(message.timestampMs) - performance.now()
      if (dueMs > 1) await wait(dueMs, undefined, { signal: t.signal })
      silentMs = Math.max(silentMs, performance.now() - lastAt)
      lastAt = performance.now()
      publisher.write(message)
    }
    publisher.close()
    return silentMs
  }
  const play = async () => {
    const player = await openPlayer({ url: `${stream.baseUrl}/index.m3u8`, level: 'highest' })
    t.after(() => player.close())
    return player
  }
  return { stream, publish, play }
}

/** The facts at the encoder's end, and what is shown until a picture was; if it never comes, for half a minute. */
async function factsAfter(player: BrowserPlayer, picture: number): Promise<PlayerFacts> {
  let facts = await player.facts()
  for (let looks = 0; looks < 60 && (facts.shown.at(-1)?.picture ?? -1) <= picture; looks += 1) {
    await wait(500)
    const { shown, stoodStillMs } = await player.facts()
    facts = { ...facts, shown: [...facts.shown, ...shown], stoodStillMs: facts.stoodStillMs + stoodStillMs }
  }
  return facts
}

const [around, behind] = [340, 420] // pictures: what is done to a stream is done at the 360th

/**
 * The longest times in which no new picture was on the screen, in ms, and what was on it. Elsewhere nothing was done to the
 * stream: there it was the machine that took its time.
 */
function seen(shown: readonly { picture: number; atMs: number }[]) {
  const changes = shown.filter(({ picture }, index) => picture !== shown[index - 1]?.picture)
  const pauses = changes.slice(1).map(({ picture, atMs }, index) => {
    const before = changes[index] ?? { picture, atMs }
    return { ms: atMs - before.atMs, isAround: before.picture < behind && picture > around }
  })
  const longest = (isAround: boolean) =>
    Math.max(0, ...pauses.filter((pause) => pause.isAround === isAround).map(({ ms }) => ms))
  const pictures = changes.map(({ picture }) => picture)
  return { pauseMs: longest(true), elsewhereMs: longest(false), pictures, last: pictures.at(-1) ?? -1 }
}

test(
  'an uplink that stops for 1.2 s between key frames 8.3 s apart: the picture goes on at once',
  { timeout: 400_000 },
  async (t) => {
    const stalled = async () => {
      const { publish, play } = await watched(t)
      const publishing = publish({ leavesAt: (ms) => (ms > 12_000 && ms < 13_200 ? 13_200 : ms) })
      const player = await play()
      const silentMs = await publishing
      return { silentMs, facts: await factsAfter(player, lastPicture) }
    }
    let { silentMs, facts } = await stalled()
    // where this process itself did not run for half a second more the stall was another one, and says nothing
    for (let again = 0; silentMs > 1_700 && again < 4; again += 1) ({ silentMs, facts } = await stalled())
    const { stoodStillMs } = facts
    t.diagnostic(
      `nothing was sent for ${Math.round(silentMs)} ms, the page stood still for ${Math.round(stoodStillMs)} ms`,
    )
    const { pauseMs, elsewhereMs, pictures, last } = seen(facts.shown)
    t.diagnostic(
      `a picture stood for ${Math.round(pauseMs)} ms around the stall, for ${Math.round(elsewhereMs)} ms elsewhere`,
    )
    assert.deepEqual(facts.errors, [])
    assert.ok(pauseMs < 2000 + elsewhereMs + stoodStillMs, `${pauseMs} ms, ${elsewhereMs} ms elsewhere`)
    assert.ok(last > lastPicture, `${last}`)
    const { length } = pictures.filter((picture) => picture > around && picture < behind)
    const unseen = (stoodStillMs / 1_000) * 30
    assert.ok(length + unseen > 60, `${length} of 79 pictures around the stall`)
    assert.ok(
      pictures.every((picture, index) => index === 0 || picture > (pictures[index - 1] ?? 0)),
      'none goes back',
    )
  },
)

test('another header for the sound inside a GOP: pictures and sound go on', { timeout: 300_000 }, async (t) => {
  const { publish, play } = await watched(t)
  const mono = (await makeClip(`${tone} -c:a aac -ar 44100 -ac 1 -t 24`)).filter(({ type }) => type === 'audio')
  const changed = 12_000
  const messages = [
    ...sent.filter(({ type, timestampMs }) => type === 'video' || timestampMs < changed),
    { ...audioConfig(aacRecords.mono44), timestampMs: changed },
    ...mono.slice(1).filter(({ timestampMs }) => timestampMs > changed),
  ].toSorted((a, b) => a.timestampMs - b.timestampMs)
  const publishing = publish({ messages })
  const player = await play()
  await publishing
  const facts = await factsAfter(player, 600)
  const { pauseMs, elsewhereMs, last } = seen(facts.shown)
  assert.deepEqual(facts.errors, [])
  assert.ok(pauseMs < 2000 + elsewhereMs + facts.stoodStillMs, `${pauseMs} ms, ${elsewhereMs} ms elsewhere`)
  assert.ok(last > 600, `${last}`)
})
