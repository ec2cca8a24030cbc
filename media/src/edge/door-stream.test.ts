/** A stream as the platform makes it, watched through the door and past it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { startChain } from '../../bench/harness/chain.ts'
import { HlsViewer, type ViewedPart } from '../../bench/harness/hls-viewer.ts'
import { makeStampedClip } from '../../bench/harness/stamped-clip.ts'
import { StampedEncoder } from '../../bench/harness/stamped-encoder.ts'
import { doorBefore } from './testing/door-under-test.ts'

const partsWatched = 16 // four segments
const deadlineMs = 240_000

test('players follow a live stream through the door, with hints and without, and get what the edge has', async (t) => {
  const clip = await makeStampedClip({ width: 320, height: 180, frameRate: 30, seconds: 4, bitrateBps: 200_000 })
  const chain = await startChain({ latency: 'Low', ladder: [] })
  t.after(() => chain.close())
  const encoder = new StampedEncoder(clip, { port: chain.rtmpPort, key: chain.key })
  t.after(() => encoder.stop())
  await encoder.start()
  const edge = new URL(chain.edgeUrl)
  await live(`${edge.href}/index.m3u8`)
  const { port } = await doorBefore(t, { edgePort: Number(edge.port), logPort: await freePort() })
  const through = `http://127.0.0.1:${port}${edge.pathname}`
  const [direct, ...others] = await Promise.all([
    watch(t, edge.href, false),
    watch(t, through, false),
    watch(t, through, true),
  ])
  const bodies = new Map(direct.map(({ uri, body }) => [uri, body]))
  for (const parts of others) {
    const compared = parts.filter(({ uri }) => bodies.has(uri))
    assert.ok(compared.length > partsWatched / 2, `${compared.length} parts of all`)
    for (const { uri, body } of compared) assert.ok(bodies.get(uri)?.equals(body), uri)
  }
})

/** Watches some parts; none is missed and nothing is refused. */
async function watch(t: TestContext, hlsUrl: string, hints: boolean): Promise<ViewedPart[]> {
  const parts: ViewedPart[] = []
  const enough = new EventTarget()
  const viewer = new HlsViewer({
    hlsUrl,
    rendition: 'source',
    hints,
    onPart: (part) => {
      if (parts.push(part) === partsWatched) enough.dispatchEvent(new Event('parts'))
    },
  })
  t.after(() => viewer.stop())
  const ends = once(enough, 'parts', { signal: AbortSignal.timeout(deadlineMs) })
  const running = viewer.run()
  await ends
  viewer.stop()
  await running
  assert.deepEqual(viewer.refusals, [])
  assert.deepEqual(viewer.sequenceFalls, [])
  assert.ok(
    parts.every(({ uri }, index) => index === 0 || follows(parts[index - 1]?.uri, uri)),
    'no part is left out',
  )
  return parts
}

/** Part 7.3 follows part 7.2, and part 8.0 any part of segment 7. */
function follows(before: string | undefined, uri: string): boolean {
  const [[segment = 0, part = 0], [next = 0, nextPart = 0]] = [placeOf(before ?? ''), placeOf(uri)]
  return next === segment ? nextPart === part + 1 : next === segment + 1 && nextPart === 0
}

function placeOf(uri: string): number[] {
  return (/part-(\d+)\.(\d+)\./.exec(uri) ?? []).slice(1).map(Number)
}

async function live(url: string): Promise<void> {
  const until = Date.now() + deadlineMs
  for (;;) {
    const response = await fetch(url, { signal: AbortSignal.timeout(deadlineMs) })
    await response.arrayBuffer()
    if (response.ok) return
    if (Date.now() > until) throw new Error(`${url}: ${response.status}`)
  }
}
