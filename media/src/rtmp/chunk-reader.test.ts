import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChunkReader, type ChunkedMessage } from './chunk-reader.ts'
import { type ChunkedInput, chunksOf } from './testing/chunks.ts'

const hours = 3_600_000
const body = (length: number, fill = 0x5a) => Buffer.alloc(length, fill)

function reader(options: { maxChunkStreams?: number; onMessage?: (message: ChunkedMessage) => void } = {}) {
  const messages: ChunkedMessage[] = []
  const chunks = new ChunkReader({
    maxChunkStreams: options.maxChunkStreams ?? 32,
    admit: () => {},
    message: (message) => {
      messages.push(message)
      options.onMessage?.(message)
    },
  })
  return { chunks, messages }
}

/** Reads the messages at once, and again one byte at a time: both must see the same. */
function read(inputs: readonly ChunkedInput[]): ChunkedMessage[] {
  const bytes = Buffer.concat(inputs.flatMap(chunksOf))
  const whole = reader()
  whole.chunks.read(bytes)
  const single = reader()
  for (const byte of bytes) single.chunks.read(Buffer.from([byte]))
  assert.deepEqual(single.messages, whole.messages)
  return whole.messages
}

const times = (messages: ChunkedMessage[]) => messages.map(({ timestampMs }) => timestampMs)

test('past 0xFFFFFF ms both habits are taken: type 3 chunks with the extended timestamp, and without', () => {
  const start = Math.round(4.65 * hours) // 16,740,000: 37 s before the field is full
  assert.ok(start < 0xffffff)
  for (const repeats of [true, false]) {
    const inputs = Array.from({ length: 20 }, (_, index) => {
      const time = start + index * 4_000
      return { time, body: body(300 + index, index), repeated: repeats && time >= 0xffffff ? time : undefined }
    })
    const messages = read(inputs)
    assert.deepEqual(
      times(messages),
      inputs.map(({ time }) => time),
      `repeats: ${repeats}`,
    )
    assert.deepEqual(
      messages.map(({ payload }) => payload),
      inputs.map((input) => input.body),
    )
  }
})

test('the same where a delta is extended, and where continuations carry the absolute time instead', () => {
  const first = { time: 20_000_000, body: body(10) }
  const delta = { format: 1, time: 0x1000000, body: body(400) } as const
  for (const repeated of [undefined, delta.time, first.time + delta.time]) {
    assert.deepEqual(times(read([first, { ...delta, repeated }])), [first.time, first.time + delta.time])
  }
})

test('media that begins like the timestamp, and ends before it would, is media', () => {
  const time = 0x01020304
  const tail = Buffer.from([1, 2]) // the last chunk is as long as half a timestamp, and equal to it
  const messages = read([
    { time, body: Buffer.concat([body(128), tail]) },
    { time: time + 40, body: Buffer.concat([body(128), Buffer.from([1, 2, 3, 5, 6])]) },
  ])
  assert.deepEqual(times(messages), [time, time + 40])
  assert.deepEqual(messages[0]?.payload.subarray(128), tail)
})

test('a message that begins with type 3 past 0xFFFFFF ms goes on in either habit', () => {
  const first = { time: 0x1000000, body: body(300) }
  const plain = [first, { format: 2, time: 33, body: body(300) }, { format: 3, body: body(300) }] as const
  assert.deepEqual(times(read(plain)), [0x1000000, 0x1000000 + 33, 0x1000000 + 66])
  // Straight after an absolute time it has the same time: as a delta it would be hours.
  assert.deepEqual(times(read([first, { format: 3, body: body(300) }])), [0x1000000, 0x1000000])
  const repeating = { ...first, repeated: first.time }
  assert.deepEqual(
    times(
      read([
        repeating,
        { format: 3, body: body(300), repeated: first.time },
        { format: 3, body: body(300), repeated: first.time + 40 },
      ]),
    ),
    [first.time, first.time, first.time + 40],
  )
})

test('timestamps wrap at 32 bits, absolute and by deltas, forward and back', () => {
  const last = 0xffffffff
  assert.deepEqual(
    times(
      read([
        { time: last - 10, body: body(200), repeated: last - 10 },
        { time: 23, body: body(200) },
      ]),
    ),
    [last - 10, 23],
  )
  const deltas = [
    { time: last - 9, body: body(5) },
    { format: 1, time: 33, body: body(5) },
  ] as const
  assert.deepEqual(times(read(deltas)), [last - 9, 23])
  const back = { format: 1, time: 0xffffffff - 20, body: body(200) } as const // −21 ms, as librtmp writes it
  assert.deepEqual(times(read([{ time: 1_000, body: body(5) }, back])), [1_000, 979])
  assert.deepEqual(
    times(
      read([
        { time: 1_000, body: body(5) },
        { ...back, repeated: back.time },
      ]),
    ),
    [1_000, 979],
  )
})

test('the chunk size may change between the chunks of a message', () => {
  const { chunks, messages } = reader({
    onMessage: ({ type, payload }) => type === 1 && chunks.setChunkSize(payload.readUInt32BE(0)),
  })
  const [first = body(0), second = body(0)] = chunksOf({ id: 6, body: body(200) })
  const size = Buffer.from([0, 0, 2, 0])
  chunks.read(Buffer.concat([first, ...chunksOf({ id: 2, type: 1, body: size }), second]))
  chunks.read(Buffer.concat(chunksOf({ id: 6, body: body(700), chunkSize: 512 })))
  assert.deepEqual(
    messages.map(({ payload }) => payload.length),
    [4, 200, 700],
  )
  assert.throws(() => chunks.setChunkSize(0), { code: 'bad_chunk_size' })
})

test('an aborted message is forgotten, and the next one of its chunk stream is whole', () => {
  const { chunks, messages } = reader()
  const [cut = body(0)] = chunksOf({ id: 7, body: body(300) })
  chunks.read(cut)
  chunks.abort(7)
  chunks.abort(9)
  chunks.read(Buffer.concat(chunksOf({ id: 7, time: 40, body: body(130, 1) })))
  assert.deepEqual(
    messages.map(({ payload, timestampMs }) => [payload.length, timestampMs]),
    [[130, 40]],
  )
})

test('a new header inside a message, and too many chunk streams, are refused', () => {
  const { chunks } = reader({ maxChunkStreams: 2 })
  const [cut = body(0)] = chunksOf({ id: 500, body: body(300) })
  chunks.read(cut)
  assert.throws(() => chunks.read(cut), { code: 'message_cut' })
  const other = reader({ maxChunkStreams: 2 })
  const streams = [3, 100, 400].map((id) => Buffer.concat(chunksOf({ id, body: body(1) })))
  for (const bytes of streams.slice(0, 2)) other.chunks.read(bytes)
  assert.throws(() => other.chunks.read(streams[2] ?? body(0)), { code: 'too_many_chunk_streams' })
})

test('an empty message is one, at the end of what came as well', () => {
  assert.deepEqual(
    read([{ time: 5, body: body(0) }, { body: body(1) }, { time: 9, body: body(0) }]).map(
      ({ timestampMs, payload }) => [timestampMs, payload.length],
    ),
    [
      [5, 0],
      [0, 1],
      [9, 0],
    ],
  )
})

test('who holds reads nothing further until released, in order', () => {
  const { chunks, messages } = reader({ onMessage: ({ timestampMs }) => timestampMs === 1 && chunks.hold() })
  const bytes = Buffer.concat([1, 2, 3].flatMap((time) => chunksOf({ time, body: body(300) })))
  chunks.read(bytes.subarray(0, 700))
  chunks.read(bytes.subarray(700))
  assert.deepEqual(times(messages), [1])
  assert.ok(chunks.heldBytes > 600)
  chunks.release()
  assert.deepEqual(times(messages), [1, 2, 3])
  assert.equal(chunks.heldBytes, 0)
})
