import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordingIndex, recordingMediaPlaylist, type NamedChapter } from './recording-playlist.ts'

const startMs = Date.UTC(2026, 0, 1)

/** A chapter with these segments, two seconds each. */
function chapter(rendition: string, take: string, numbers: number[], more: Partial<NamedChapter> = {}): NamedChapter {
  const [number = 0] = numbers
  return {
    rendition,
    take,
    number,
    init: number,
    codecs: ['avc1.42c01f', 'mp4a.40.2'],
    width: 1280,
    height: 720,
    frameRate: 30,
    segments: numbers.map((each) => ({ number: each, seconds: 2, atMs: startMs + each * 2_000, bytes: 1_000 })),
    ...more,
  }
}

const lines = (playlist: string | undefined) =>
  (playlist ?? '').split('\n').filter((line) => !/PROGRAM-DATE-TIME|EXTINF/.test(line))

test('a closed recording is a VOD playlist of all that is there, chapter after chapter', () => {
  const chapters = [chapter('source', 'a', [3, 4], { init: 1 }), chapter('source', 'a', [1, 2])]
  assert.equal(
    recordingMediaPlaylist({ chapters, closed: true }, 'source'),
    `#EXTM3U
#EXT-X-VERSION:8
#EXT-X-TARGETDURATION:2
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-MAP:URI="init-a-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z
#EXTINF:2,
seg-a-1.m4s
#EXTINF:2,
seg-a-2.m4s
#EXTINF:2,
seg-a-3.m4s
#EXTINF:2,
seg-a-4.m4s
#EXT-X-ENDLIST
`,
  )
})

test('what one rendition lacks is a gap in it, what all lack is left out: their times stay the same', () => {
  const chapters = [chapter('source', 'a', [1, 2, 3, 6]), chapter('480p', 'a', [3, 6])]
  const recording = { chapters, closed: true }
  const [source, small] = ['source', '480p'].map((name) => lines(recordingMediaPlaylist(recording, name)).slice(5, -1))
  assert.deepEqual(source, [
    '#EXT-X-MAP:URI="init-a-1.mp4"',
    'seg-a-1.m4s',
    'seg-a-2.m4s',
    'seg-a-3.m4s',
    '#EXT-X-DISCONTINUITY',
    'seg-a-6.m4s',
    '#EXT-X-ENDLIST',
  ])
  assert.deepEqual(small, [
    '#EXT-X-GAP',
    'seg-a-1.m4s',
    '#EXT-X-GAP',
    'seg-a-2.m4s',
    '#EXT-X-MAP:URI="init-a-3.mp4"',
    'seg-a-3.m4s',
    '#EXT-X-DISCONTINUITY',
    'seg-a-6.m4s',
    '#EXT-X-ENDLIST',
  ])
})

test('takes follow one another by when they began, whatever their numbers, with a discontinuity between', () => {
  const chapters = [chapter('source', 'b', [4, 5]), chapter('source', 'a', [4, 5])]
  assert.deepEqual(lines(recordingMediaPlaylist({ chapters, closed: true }, 'source')).slice(5, -2), [
    '#EXT-X-MAP:URI="init-a-4.mp4"',
    'seg-a-4.m4s',
    'seg-a-5.m4s',
    '#EXT-X-DISCONTINUITY',
    '#EXT-X-MAP:URI="init-b-4.mp4"',
    'seg-b-4.m4s',
    'seg-b-5.m4s',
  ])
})

test('one that still grows is an EVENT without an end, and does not tell the last seconds yet', () => {
  const numbers = Array.from({ length: 20 }, (_, index) => index)
  const chapters = [chapter('source', 'a', numbers), chapter('480p', 'a', numbers.slice(0, 12))]
  const text = recordingMediaPlaylist({ chapters, closed: false }, '480p') ?? ''
  assert.match(text, /#EXT-X-PLAYLIST-TYPE:EVENT\n/)
  assert.doesNotMatch(text, /GAP|ENDLIST/, 'the rung is only late, so far')
  assert.ok(text.endsWith('seg-a-9.m4s\n'))
})

test('a first playlist without a segment is none yet', () => {
  const recording = { chapters: [chapter('source', 'a', [1, 2])], closed: false }
  assert.equal(recordingMediaPlaylist(recording, 'source'), undefined)
  assert.equal(recordingMediaPlaylist({ ...recording, closed: true }, '480p'), undefined)
})

test('the index says what is there: the largest segment of any take, every codec, the best rendition first', () => {
  const segment = { seconds: 2, atMs: startMs }
  const chapters = [
    chapter('480p', 'a', [1], { width: 854, height: 480, segments: [{ ...segment, number: 1, bytes: 100_000 }] }),
    chapter('source', 'a', [1], { segments: [{ ...segment, number: 1, bytes: 1_000_000 }] }),
    chapter('source', 'b', [2], {
      codecs: ['avc1.640028', 'mp4a.40.2'],
      segments: [
        { ...segment, number: 2, bytes: 500_000 },
        { ...segment, number: 3, bytes: 400_000, seconds: 0.2 },
      ],
    }),
  ]
  assert.equal(
    recordingIndex({ chapters, closed: true }),
    `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-STREAM-INF:BANDWIDTH=4000000,AVERAGE-BANDWIDTH=3619048,CODECS="avc1.42c01f,mp4a.40.2,avc1.640028",RESOLUTION=1280x720,FRAME-RATE=30.000
source/media.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=400000,AVERAGE-BANDWIDTH=400000,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=854x480,FRAME-RATE=30.000
480p/media.m3u8
`,
  )
})
