import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FlvPipeReader, flvVideoHeader, flvVideoTag } from './flv-pipe.ts'

test('tags come out as they went in, however the bytes are cut', () => {
  const inputs = [0, 33, 0x0123_4567].map((timestampMs, index) => ({
    packet: 'frame' as const,
    keyFrame: index === 0,
    timestampMs,
    compositionTimeMs: -7,
    data: Buffer.from(`picture ${index}`),
  }))
  const bytes = Buffer.concat([flvVideoHeader, ...inputs.map(flvVideoTag)])
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      const reader = new FlvPipeReader()
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      const tags = edges.flatMap((edge, index) => reader.push(bytes.subarray(edge, edges[index + 1] ?? bytes.length)))
      assert.deepEqual(
        tags.map((tag) => tag.timestampMs),
        [0, 33, 0x0123_4567],
      )
      assert.deepEqual(
        tags.map((tag) => tag.body.toString('latin1', 5)),
        ['picture 0', 'picture 1', 'picture 2'],
      )
      assert.equal(tags[0]?.body.readIntBE(2, 3), -7)
    }),
    { seed: 1 },
  )
})

test('bytes that are no FLV are refused', () => {
  assert.throws(() => new FlvPipeReader().push(Buffer.alloc(64)), /Not an FLV/)
})
