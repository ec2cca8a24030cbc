import assert from 'node:assert/strict'
import { test } from 'node:test'
import { qualitiesOf, sameQuality } from './quality.ts'

const level = (url: string, height: number, frameRate = 30, bitrate = 1_000_000) => ({
  url: [url],
  width: Math.round((height * 16) / 9),
  height,
  frameRate,
  bitrate,
})

test('qualities are listed best first, named by the server and labelled by height', () => {
  const listed = qualitiesOf([
    level('http://x/hls/b-1/360p/media.m3u8', 360),
    level('http://x/hls/b-1/source/media.m3u8', 720),
    level('http://x/hls/b-1/480p/media.m3u8?token=a/b', 480),
  ])
  assert.deepEqual(
    listed.map(({ level, name, label, source }) => [level, name, label, source]),
    [
      [1, 'source', '720p', true],
      [2, '480p', '480p', false],
      [0, '360p', '360p', false],
    ],
  )
})

test('high frame rates are told, and a level without a resolution is told by its bit rate', () => {
  assert.equal(qualitiesOf([level('a/source/m.m3u8', 1080, 59.94)])[0]?.label, '1080p60')
  assert.equal(qualitiesOf([level('a/audio/m.m3u8', 0, 0, 128_000)])[0]?.label, '128 kb/s')
})

test('an upright picture is named by its short side', () => {
  const upright = (name: string, width: number, height: number) => ({ ...level(`a/${name}/m.m3u8`, height), width })
  const listed = qualitiesOf([upright('480p', 480, 854), upright('source', 1080, 1920)])
  assert.deepEqual(
    listed.map(({ label }) => label),
    ['1080p', '480p'],
  )
})

test('a chosen rendition is found again when the levels come in another order, or is gone', () => {
  const [source, low] = qualitiesOf([level('a/source/m.m3u8', 720), level('a/480p/m.m3u8', 480)])
  const anew = qualitiesOf([level('a/480p/m.m3u8', 480), level('a/source/m.m3u8', 720)])
  assert.equal(sameQuality(anew, source)?.level, 1)
  assert.equal(sameQuality(anew, low)?.level, 0)
  assert.equal(sameQuality(anew.slice(0, 1), low), undefined)
  assert.equal(sameQuality(anew, undefined), undefined)
})
