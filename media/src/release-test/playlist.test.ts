import assert from 'node:assert/strict'
import { test } from 'node:test'
import { multivariantPlaylist } from '../stream/hls/multivariant-playlist.ts'
import { firstRendition, isAfter, newestPart } from './playlist.ts'

const variant = { codecs: [], width: 320, height: 180, frameRate: 15, peakBps: 1, averageBps: 1 }
const media = `#EXTM3U
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-PART:DURATION=0.5,URI="7.0.m4s",INDEPENDENT=YES
#EXTINF:0.5,
7.m4s
#EXT-X-PART:DURATION=0.5,URI="8.0.m4s"
#EXT-X-PART:DURATION=0.5,URI="8.1.m4s"
#EXT-X-PART:DURATION=0.5,URI="8.2.m4s",GAP=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="8.3.m4s"
`

test('the first rendition is the line behind its attributes', () => {
  const text = multivariantPlaylist([
    { ...variant, name: 'source' },
    { ...variant, name: '240' },
  ])
  assert.equal(firstRendition(text), 'source/media.m3u8')
  assert.equal(firstRendition('#EXTM3U\n'), undefined)
})

test('the newest part is the last that is there: no gap, and none that is only hinted at', () => {
  assert.deepEqual(newestPart(media), { segment: 8, part: 1, uri: '8.1.m4s' })
  assert.equal(newestPart('#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n'), undefined)
})

test('a part comes after another of its segment, and after all of the segments before', () => {
  const at = (segment: number, part: number) => ({ segment, part, uri: '' })
  assert.ok(isAfter(at(8, 1), at(8, 0)))
  assert.ok(isAfter(at(9, 0), at(8, 5)))
  assert.ok(!isAfter(at(8, 1), at(8, 1)))
  assert.ok(!isAfter(at(7, 9), at(8, 0)))
})
