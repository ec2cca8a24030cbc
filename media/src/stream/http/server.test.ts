import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { listen } from '@mytaek1/platform/health.ts'
import { RenditionOutput } from '../output.ts'
import { parseAvcConfig } from '../remux/avc.ts'
import { avcRecords } from '../testing/flv-messages.ts'
import { PublishSignal } from './publish-signal.ts'
import { createStreamServer } from './server.ts'

/** A server of one rendition, to which parts of a second can be added. */
async function serve(
  t: TestContext,
  dvrWindowSeconds: number,
  options: { partBytes?: number; now?: () => number } = {},
) {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-server-test-'))
  const publish = new PublishSignal()
  const output = new RenditionOutput({
    name: 'source',
    targetDurationSeconds: 2,
    dvrWindowSeconds,
    directory: join(directory, 'source'),
    signal: publish,
    onError: (error) => assert.fail(String(error)),
    now: options.now,
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
  const fetched = async (path: string) => {
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
    const picture = { dts: 0, pts: 0, duration: 90_000, keyFrame: true, data: Buffer.alloc(options.partBytes ?? 1000) }
    const place = { mediaSequenceNumber, partIndex: 0, epoch: 0 }
    const timing = { startTicks: 0, durationTicks: 90_000, presentationTicks: 0, independent: true }
    const video = kind === 'gap' ? undefined : [picture]
    output.addPart({ kind, ...place, ...timing, video: [picture], audio: [] }, video, true)
  }
  return { output, port, get: fetched, start, part }
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

test('a hundred viewers of a hundred segments do not have them all in memory', { timeout: 300_000 }, async (t) => {
  const [viewers, partBytes] = [100, 3_000_000]
  let nowMs = 0
  const { output, port, start, part } = await serve(t, 600, { partBytes, now: () => nowMs })
  const isInMemory = (number: number) => 'parts' in (output.store.find(number) ?? {})
  for (let number = 0; number < viewers + 10; number += 1) {
    start(number)
    part(number)
    nowMs += 20_000
    output.endSegment()
    // until the one before is on disk and out of memory
    while (isInMemory(number - 1)) await new Promise(setImmediate)
  }
  const before = process.memoryUsage.rss()
  let most = before
  const look = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 2)
  const clients = spawn(process.execPath, ['-e', askForAll, `${port}`, `${viewers}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  assert.equal(Number(await text(clients.stdout)), viewers)
  clearInterval(look)
  assert.ok(most - before < 32 * 1024 * 1024, `${Math.round((most - before) / 1024 / 1024)} MiB`)
})

/** Asks for as many segments as it is told, all at once; prints how many came whole. */
const askForAll = `
const [port, viewers] = process.argv.slice(1).map(Number)
const ask = (_, number) =>
  new Promise((resolve) => {
    require('node:http').get({ port, path: '/source/seg-' + number + '.m4s', agent: false }, (response) => {
      let length = 0
      response.on('data', (chunk) => (length += chunk.length))
      response.on('end', () => resolve(length > 3_000_000 && length === Number(response.headers['content-length'])))
    })
  })
Promise.all(Array.from({ length: viewers }, ask)).then((whole) => console.log(whole.filter(Boolean).length))
`
