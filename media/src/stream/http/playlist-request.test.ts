import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseStreamRequest } from './playlist-request.ts'

test('paths and directives are understood', () => {
  assert.deepEqual(parseStreamRequest('/index.m3u8?x=1'), { kind: 'multivariant' })
  assert.deepEqual(parseStreamRequest('/480p/media.m3u8?_HLS_msn=12&_HLS_part=3&_HLS_skip=YES'), {
    kind: 'playlist',
    rendition: '480p',
    directives: { mediaSequenceNumber: 12, part: 3 },
    skip: true,
  })
  assert.deepEqual(parseStreamRequest('/source/part-12.3.m4s'), {
    kind: 'part',
    rendition: 'source',
    mediaSequenceNumber: 12,
    part: 3,
  })
  assert.deepEqual(parseStreamRequest('/source/seg-12.m4s'), {
    kind: 'segment',
    rendition: 'source',
    mediaSequenceNumber: 12,
  })
  assert.deepEqual(parseStreamRequest('/source/init-0.mp4'), { kind: 'init', rendition: 'source', name: 'init-0.mp4' })
})

test('directives that are no decimal integers, or a part without a segment, are bad requests', () => {
  for (const query of [
    '_HLS_part=1',
    '_HLS_msn=-1',
    '_HLS_msn=1.5',
    '_HLS_msn=',
    '_HLS_msn=1e3',
    '_HLS_msn=1&_HLS_msn=2',
    '_HLS_msn=1&_HLS_part=x',
    `_HLS_msn=${'9'.repeat(40)}`,
  ]) {
    assert.equal(parseStreamRequest(`/source/media.m3u8?${query}`).kind, 'bad-request', query)
  }
})

test('nothing outside the stream has a path', () => {
  for (const path of [
    '/',
    '/../etc/passwd',
    '/source/../../x',
    '/source/seg-1.m4s/..',
    '/SOURCE/media.m3u8',
    '/source/part-1.m4s',
    '//',
  ]) {
    assert.equal(parseStreamRequest(path).kind, 'not-found', path)
  }
})

test('100,000 random directive queries: an answer each, no throw', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.bigInt().map(String),
    fc.constantFrom('YES', 'v2', '%', '%00', '1'),
  )
  const name = fc.constantFrom('_HLS_msn', '_HLS_part', '_HLS_skip', '_HLS_x')
  const query = fc
    .array(fc.tuple(name, value), { maxLength: 4 })
    .map((pairs) => pairs.map(([key, text]) => `${key}=${text}`).join('&'))
  fc.assert(
    fc.property(query, (text) =>
      ['playlist', 'bad-request'].includes(parseStreamRequest(`/source/media.m3u8?${text}`).kind),
    ),
    { numRuns: 100_000, seed: 1 },
  )
})
