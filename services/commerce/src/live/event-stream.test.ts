import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { EventStream } from './event-stream.ts'

test('a reader that takes nothing is cut off before it costs much memory', async () => {
  const stream = new EventStream()
  const closed = once(stream, 'close')
  const event = Buffer.alloc(1_000, 'x')
  let most = 0
  for (let index = 0; index < 10_000; index += 1) {
    stream.write(event)
    most = Math.max(most, stream.readableLength)
  }
  await closed
  assert.ok(most <= 67_000, `${most} bytes were kept`)
})

test('a reader that keeps up is not cut off, and gets everything up to the end', async () => {
  const stream = new EventStream()
  let bytes = 0
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
  for (let index = 0; index < 1_000; index += 1) {
    stream.write(Buffer.alloc(1_000, 'x'))
    await new Promise(setImmediate)
  }
  stream.end()
  await once(stream, 'close')
  assert.ok(bytes >= 1_000_000)
})

test('browsers are told different delays before they come back', () => {
  const delays = new Set(Array.from({ length: 20 }, () => String(new EventStream().read())))
  assert.ok(delays.size > 10)
  for (const text of delays) assert.match(text, /^retry: \d{3,4}\n\n$/)
})
