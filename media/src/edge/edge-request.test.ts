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
  assert.equal(keyOf('/hls/b-1/source/media.m3u8?_HLS_msn=7&_HLS_skip=v2&_HLS_part=2'), key)
  const beyond = (part: string) => keyOf(`/hls/b-1/source/media.m3u8?_HLS_msn=7&_HLS_part=${part}`)
  assert.equal(beyond('5000'), beyond('999999999'))
})

test('the kind of what is asked is known by its name', () => {
  const kinds = ['index.m3u8', 'source/media.m3u8', '480p/seg-1.m4s', '480p/init-0.mp4', 'thumbnail.jpg'].map(
    (file) => {
      const parsed = parseTarget(`/hls/b-1/${file}`)
      return 'refused' in parsed ? parsed.refused : parsed.kind
    },
  )
  assert.deepEqual(kinds, ['multivariant', 'playlist', 'media', 'media', 'thumbnail'])
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
    '/hls/b-1/source',
    '/hls/b-1/other.m3u8',
    '/hls/b-1/source/index.m3u8',
    '/hls/b-1/SOURCE/media.m3u8',
    '/hls/b-1/seventeenletters0/media.m3u8',
    '/hls/b-1/source/seg-1.mp4',
    '/hls/b-1/source/part-1.m4s',
    '/hls/b-1/source/part-007.1.m4s',
    '/hls/b-1/source/part-7.01.m4s',
    '/hls/b-1/source/seg-00.m4s',
    '/hls/b-1/source/init-01.mp4',
    '/hls/b-1/source/seg-1234567890123456.m4s',
  ]) {
    assert.equal(keyOf(target), 'not_found', target)
  }
})
