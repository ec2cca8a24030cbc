import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaPlaylist } from './media-playlist.ts'
import { Rendition } from './rendition.ts'

const start = Date.UTC(2026, 0, 2, 3, 4, 5)

/** A rendition with `segments` complete segments of four half-second parts, and `open` parts more. */
function renditionOf(
  segments: number,
  open: number,
  options: { dvrWindowSeconds?: number; gapIn?: number; discontinuityAt?: number } = {},
) {
  const rendition = new Rendition({
    name: 'source',
    targetDurationSeconds: 2,
    dvrWindowSeconds: options.dvrWindowSeconds ?? 600,
  })
  rendition.partTargetTicks = 45_180
  for (let index = 0; index <= segments; index += 1) {
    const { discontinuityAt = Infinity } = options
    rendition.startSegment({
      mediaSequenceNumber: 40 + index,
      discontinuity: index === discontinuityAt,
      discontinuitySequence: index >= discontinuityAt ? 8 : 7,
      programDateTimeMs: start + index * 2000,
      init: index >= discontinuityAt ? 'init-42.mp4' : 'init-40.mp4',
    })
    for (let part = 0; part < (index === segments ? open : 4); part += 1) {
      rendition.addPart({
        durationSeconds: 0.5,
        independent: part === 0,
        gap: index === options.gapIn,
        byteLength: 1000,
      })
    }
    if (index < segments) rendition.endSegment()
  }
  return rendition
}

test('a live playlist lists segments, the newest parts, the hint and the reports (golden)', () => {
  const reports = [{ name: '480p', last: { mediaSequenceNumber: 42, part: 0 } }]
  const text = mediaPlaylist({ rendition: renditionOf(2, 2, { discontinuityAt: 2 }), reports, skip: false })
  assert.equal(
    text,
    `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6,PART-HOLD-BACK=1.506
#EXT-X-PART-INF:PART-TARGET=0.502
#EXT-X-MEDIA-SEQUENCE:40
#EXT-X-DISCONTINUITY-SEQUENCE:7
#EXT-X-MAP:URI="init-40.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.000Z
#EXT-X-PART:DURATION=0.5,URI="part-40.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="part-40.1.m4s"
#EXT-X-PART:DURATION=0.5,URI="part-40.2.m4s"
#EXT-X-PART:DURATION=0.5,URI="part-40.3.m4s"
#EXTINF:2,
seg-40.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:07.000Z
#EXT-X-PART:DURATION=0.5,URI="part-41.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="part-41.1.m4s"
#EXT-X-PART:DURATION=0.5,URI="part-41.2.m4s"
#EXT-X-PART:DURATION=0.5,URI="part-41.3.m4s"
#EXTINF:2,
seg-41.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-42.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:09.000Z
#EXT-X-PART:DURATION=0.5,URI="part-42.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="part-42.1.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-42.2.m4s"
#EXT-X-RENDITION-REPORT:URI="../480p/media.m3u8",LAST-MSN=42,LAST-PART=0
`,
  )
})

test('a delta update skips what is older than the skip boundary and keeps every other tag (golden)', () => {
  const rendition = renditionOf(10, 1)
  const full = mediaPlaylist({ rendition, reports: [], skip: false })
  const delta = mediaPlaylist({ rendition, reports: [], skip: true })
  assert.match(delta, /\n#EXT-X-SKIP:SKIPPED-SEGMENTS=4\n/)
  assert.doesNotMatch(delta, /seg-43\.m4s|EXT-X-MAP/)
  const tail = delta.slice(delta.indexOf('#EXT-X-PROGRAM-DATE-TIME'))
  assert.ok(full.endsWith(tail))
  assert.match(tail, /^#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:13.000Z\n#EXTINF:2,\nseg-44.m4s\n/)
})

test('parts leave the playlist three target durations from its end', () => {
  const text = mediaPlaylist({ rendition: renditionOf(10, 1), reports: [], skip: false })
  assert.doesNotMatch(text, /part-46\./)
  assert.match(text, /part-47\.0/)
})

test('a missing part is a gap, and so is its segment', () => {
  const text = mediaPlaylist({ rendition: renditionOf(2, 0, { gapIn: 1 }), reports: [], skip: false })
  assert.match(text, /part-41\.0\.m4s",GAP=YES\n/)
  assert.match(text, /#EXT-X-GAP\n#EXTINF:2,\nseg-41\.m4s\n/)
})

test('an ended playlist lists every segment and nothing of the live edge', () => {
  const rendition = renditionOf(3, 2)
  rendition.endSegment()
  rendition.end()
  const text = mediaPlaylist({
    rendition,
    reports: [{ name: 'x', last: { mediaSequenceNumber: 1, part: 1 } }],
    skip: true,
  })
  assert.ok(text.endsWith('seg-43.m4s\n#EXT-X-ENDLIST\n'))
  assert.doesNotMatch(text, /EXT-X-PART:|PRELOAD|REPORT|SKIP:/)
})

test('the window drops the oldest segments, and sequence numbers follow', () => {
  const rendition = renditionOf(20, 1, { dvrWindowSeconds: 14, discontinuityAt: 2 })
  const text = mediaPlaylist({ rendition, reports: [], skip: false })
  assert.match(text, /#EXT-X-MEDIA-SEQUENCE:53\n#EXT-X-DISCONTINUITY-SEQUENCE:8\n/)
  assert.equal(text.match(/#EXTINF/g)?.length, 7)
})
