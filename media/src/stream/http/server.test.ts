import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { listen } from '@mytaek1/platform/health.ts'
import { RenditionOutput } from '../output.ts'
import { parseAvcConfig } from '../remux/avc.ts'
import { avcRecords } from '../testing/flv-messages.ts'
import { PublishSignal } from './publish-signal.ts'
import { createStreamServer } from './server.ts'

/** A server of one rendition, to which parts of a second can be added. */
async function serve(t: TestContext, dvrWindowSeconds: number) {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-server-test-'))
  const publish = new PublishSignal()
  const output = new RenditionOutput({
    name: 'source',
    targetDurationSeconds: 2,
    dvrWindowSeconds,
    directory: join(directory, 'source'),
    signal: publish,
    onError: (error) => assert.fail(String(error)),
  })
  const server = createStreamServer({
    publish,
    targetDurationSeconds: 2,
    output: (name) => (name === 'source' ? output : undefined),
    outputs: () => [output],
    variants: () => undefined,
    thumbnail: () => undefined,
  })
  await listen(server, 0)
  t.after(async () => {
    server.close().closeAllConnections()
    await output.store.close()
    await rm(directory, { recursive: true, force: true })
  })
  const { port } = server.address() as AddressInfo
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/source/${path}`)
    const { length } = Buffer.from(await response.arrayBuffer())
    return { status: response.status, cacheControl: response.headers.get('cache-control'), length }
  }
  const start = (mediaSequenceNumber: number) => {
    const dates = { discontinuity: false, discontinuitySequence: 0, programDateTimeMs: 0, epoch: 0 }
    const tracks = { video: parseAvcConfig(avcRecords.sd25) }
    output.startSegment({ type: 'segment-start', mediaSequenceNumber, ...dates }, tracks)
  }
  const part = (mediaSequenceNumber: number, kind: 'media' | 'gap' = 'media') => {
    const picture = { dts: 0, pts: 0, duration: 90_000, keyFrame: true, data: Buffer.alloc(1000) }
    const place = { mediaSequenceNumber, partIndex: 0, epoch: 0 }
    const timing = { startTicks: 0, durationTicks: 90_000, presentationTicks: 0, independent: true }
    const video = kind === 'gap' ? undefined : [picture]
    output.addPart({ kind, ...place, ...timing, video: [picture], audio: [] }, video, true)
  }
  return { output, get, start, part }
}

test('an open segment is not found under its name, and no cache remembers that; whole, it is', async (t) => {
  const { output, get, start, part } = await serve(t, 600)
  start(7)
  part(7)
  assert.deepEqual(await get('seg-7.m4s'), { status: 404, cacheControl: 'no-store', length: 0 })
  part(7)
  output.endSegment()
  const whole = await get('seg-7.m4s')
  assert.equal(whole.status, 200)
  assert.ok(whole.length > 2000)
})

test('a lost segment is not found, and neither are its parts', async (t) => {
  const { output, get, start, part } = await serve(t, 600)
  start(7)
  part(7)
  output.endSegment()
  start(8)
  part(8, 'gap')
  const notFound = { status: 404, cacheControl: 'no-store', length: 0 }
  assert.deepEqual(await get('part-8.0.m4s'), notFound)
  output.endSegment()
  for (const name of ['seg-8.m4s', 'part-8.0.m4s']) assert.deepEqual(await get(name), notFound)
})

test('caches keep media no longer than the DVR window, and an hour at most', async (t) => {
  const windows: [dvrWindowSeconds: number, maxAge: number][] = [
    [4, 12], // the shortest window there is
    [600, 600],
    [21_600, 3600],
  ]
  for (const [dvrWindowSeconds, maxAge] of windows) {
    const { output, get, start, part } = await serve(t, dvrWindowSeconds)
    start(7)
    part(7)
    output.endSegment()
    for (const name of ['seg-7.m4s', 'part-7.0.m4s', 'init-7.mp4'])
      assert.equal((await get(name)).cacheControl, `public, max-age=${maxAge}, immutable`)
  }
})
