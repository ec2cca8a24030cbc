import assert from 'node:assert/strict'
import { test } from 'node:test'
import { multivariantPlaylist } from './multivariant-playlist.ts'

test('every variant says what it is (golden)', () => {
  const common = { codecs: ['avc1.64001f', 'mp4a.40.2'], frameRate: 30 }
  const text = multivariantPlaylist([
    { ...common, name: 'source', width: 1280, height: 720, peakBps: 2_900_000.2, averageBps: 2_500_000 },
    { ...common, name: '480p', width: 854, height: 480, peakBps: 1_400_000, averageBps: 1_200_000 },
  ])
  assert.equal(
    text,
    `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-STREAM-INF:BANDWIDTH=2900001,AVERAGE-BANDWIDTH=2500000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000
source/media.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1400000,AVERAGE-BANDWIDTH=1200000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=854x480,FRAME-RATE=30.000
480p/media.m3u8
`,
  )
})

test('audio alone has neither resolution nor frame rate', () => {
  const text = multivariantPlaylist([
    {
      name: 'source',
      codecs: ['mp4a.40.2'],
      width: undefined,
      height: undefined,
      frameRate: undefined,
      peakBps: 1,
      averageBps: 1,
    },
  ])
  assert.doesNotMatch(text, /RESOLUTION|FRAME-RATE/)
})
