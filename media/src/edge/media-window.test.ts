import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MediaWindows, mediaWindowOf, placeIn } from './media-window.ts'
import { routeOf } from './route-table.ts'
import { broadcastOf } from './testing/edge-under-test.ts'

const playlist = (first: number, last: number) => {
  const lines = [
    '#EXTM3U',
    '#EXT-X-TARGETDURATION:2',
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    '#EXT-X-MAP:URI="init-9999.mp4"',
  ]
  for (let number = first; number < last; number += 1) lines.push('#EXTINF:2,', `seg-${number}.m4s`)
  lines.push(`#EXT-X-PART:DURATION=0.5,URI="part-${last}.0.m4s"`)
  lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-${last}.1.m4s"`)
  lines.push(`#EXT-X-RENDITION-REPORT:URI="../480p/media.m3u8",LAST-MSN=${last + 500},LAST-PART=0`, '')
  return Buffer.from(lines.join('\n'))
}

test('a playlist’s two ends say which numbers it lists, however long it is', () => {
  assert.deepEqual(mediaWindowOf(playlist(7, 12), 5), { first: 7, last: 12, seenAt: 5 })
  assert.deepEqual(mediaWindowOf(playlist(1_000, 11_800), 5), { first: 1_000, last: 11_800, seenAt: 5 })
  const ended = Buffer.from('#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:3\n#EXTINF:2,\nseg-3.m4s\n#EXT-X-ENDLIST\n')
  assert.deepEqual(mediaWindowOf(ended, 5), { first: 3, last: 3, seenAt: 5 })
  assert.equal(mediaWindowOf(Buffer.from('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nsource/media.m3u8\n'), 5), undefined)
})

const window = { first: 100, last: 110, seenAt: 0 }
const places: [number: number, now: number, place: string][] = [
  [0, 0, 'gone'],
  [86, 0, 'gone'],
  [87, 0, 'past'], // left the playlist, and is kept as long as that was
  [108, 0, 'past'],
  [109, 0, 'near'], // of a rendition that lags it may be the newest
  [112, 0, 'near'],
  [113, 0, 'not_yet'],
  [113, 10, 'near'], // the Pod goes on while nobody asks here
  [130, 9_000, 'near'],
  [131, 9_000, 'not_yet'],
  [999_999_999, 60_000, 'not_yet'],
]
for (const [number, now, place] of places)
  test(`of segments 100 to 110, ${now} ms later, ${number} is ${place}`, () => {
    assert.equal(placeIn(window, number, now), place)
  })

test('before the first playlist the record in the status tells what cannot be yet, and no more', () => {
  const windows = new MediaWindows()
  const at = new Date(1_000_000).toISOString()
  const pod = { podIP: '10.0.0.1', podUID: 'u' }
  const live = routeOf(
    broadcastOf('b', { ...pod, mediaSequence: { number: 40, discontinuity: 0, at, segmentSeconds: 2 } }),
  )
  const place = (number: number) => windows.place('b', live, number, { now: 0, wallMs: 1_010_000 })
  assert.deepEqual([0, 57, 58, 500].map(place), ['unknown', 'unknown', 'not_yet', 'not_yet'])
  const bare = routeOf(broadcastOf('b', pod))
  assert.equal(windows.place('b', bare, 500, { now: 0, wallMs: 0 }), 'unknown')
})

test('what one Pod said is not held against the next', () => {
  const windows = new MediaWindows()
  const route = (podUID: string) => ({ state: 'live', host: '10.0.0.1', podUID }) as const
  windows.hear('b', route('one'), playlist(100, 110), 0)
  const times = { now: 0, wallMs: 0 }
  assert.equal(windows.place('b', route('one'), 3, times), 'gone')
  assert.equal(windows.place('b', route('two'), 3, times), 'unknown')
  assert.equal(windows.place('b', { state: 'pending' }, 3, times), 'unknown')
})

test('a rendition that lags takes back nothing of what another has listed, and a stream that began anew is believed', () => {
  const windows = new MediaWindows()
  const route = { state: 'live', host: '10.0.0.1', podUID: 'one' } as const
  const place = (number: number, now: number) => windows.place('b', route, number, { now, wallMs: 0 })
  windows.hear('b', route, playlist(100, 110), 0) // the source, after a burst
  windows.hear('b', route, playlist(96, 106), 1) // a rung that is still at it
  assert.equal(place(110, 2), 'near')
  assert.equal(place(96, 2), 'past')
  windows.hear('b', route, playlist(0, 4), 10_000)
  assert.equal(place(0, 10_001), 'past')
  assert.equal(place(110, 10_001), 'not_yet')
})
