import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget } from './edge-request.ts'

const keyOf = (target: string) => {
  const parsed = parseTarget(target)
  return 'refused' in parsed ? parsed.refused : parsed.key
}

test('equal requests have equal keys, however they are written', () => {
  const key = 'b-1/source/media.m3u8?_HLS_msn=7&_HLS_part=2&_HLS_skip=YES'
  assert.equal(keyOf('/hls/b-1/source/media.m3u8?_HLS_msn=7&_HLS_part=2&_HLS_skip=YES'), key)
  assert.equal(keyOf('/hls/b-1/source/media.m3u8?x=1&_HLS_skip=YES&_HLS_part=02&_HLS_msn=007'), key)
  assert.equal(keyOf('/hls/b-1/source/media.m3u8?token=abc'), 'b-1/source/media.m3u8')
  assert.equal(keyOf('/hls/b-1/source/media.m3u8?_HLS_skip=maybe'), 'b-1/source/media.m3u8')
  assert.equal(keyOf('/hls/b-1/source/part-1.0.m4s?_HLS_msn=7'), 'b-1/source/part-1.0.m4s')
  const beyond = (part: string) => keyOf(`/hls/b-1/source/media.m3u8?_HLS_msn=7&_HLS_part=${part}`)
  assert.equal(beyond('5000'), beyond('999999999'))
})

test('the kind of what is asked is known by its name', () => {
  const kinds = ['index.m3u8', 'source/media.m3u8', '480p/seg-1.m4s', 'thumbnail.jpg'].map((file) => {
    const parsed = parseTarget(`/hls/b-1/${file}`)
    return 'refused' in parsed ? parsed.refused : parsed.kind
  })
  assert.deepEqual(kinds, ['multivariant', 'playlist', 'media', 'media'])
})

test('paths that are not of a stream are not found', () => {
  for (const target of [
    '/hls/b-1',
    '/hls/b-1/',
    '/hls//index.m3u8',
    '/hls/b-1/.hidden',
    '/hls/b-1/../index.m3u8',
    '/hls/b-1/a/../index.m3u8',
    '/hls/b-1/a//b',
    '/hls/b-1/%2e%2e/x',
    'http://elsewhere/hls/b-1/index.m3u8',
    `/hls/b-1/${'a'.repeat(2_000)}`,
  ]) {
    assert.equal(keyOf(target), 'not_found', target)
  }
})
