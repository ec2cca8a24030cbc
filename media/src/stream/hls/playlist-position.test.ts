import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advancePartLimit, decideReload } from './playlist-position.ts'
import { Rendition } from './rendition.ts'

/** Segments 10 and 11 are complete with four parts each; 12 is open with two. */
function live(): Rendition {
  const rendition = new Rendition({ name: 'source', targetDurationSeconds: 2, dvrWindowSeconds: 600 })
  rendition.partTargetTicks = 45_000
  for (const mediaSequenceNumber of [10, 11, 12]) {
    rendition.startSegment({
      mediaSequenceNumber,
      discontinuity: false,
      discontinuitySequence: 0,
      programDateTimeMs: 0,
      init: 'init-10.mp4',
    })
    for (let part = 0; part < (mediaSequenceNumber === 12 ? 2 : 4); part += 1) {
      rendition.addPart({ durationSeconds: 0.5, independent: false, gap: false, byteLength: 1 })
    }
    if (mediaSequenceNumber < 12) rendition.endSegment()
  }
  return rendition
}

test('blocking reload: what is there is ready, what comes is waited for, what is too far is refused', () => {
  const table: [number | undefined, number | undefined, string][] = [
    [undefined, undefined, 'ready'],
    [undefined, 0, 'refused'],
    [3, undefined, 'ready'], // long gone from the playlist
    [11, undefined, 'ready'],
    [12, undefined, 'wait'], // not a complete segment yet
    [13, undefined, 'wait'],
    [14, undefined, 'refused'], // more than two beyond the last segment
    [12, 1, 'ready'],
    [12, 2, 'wait'],
    [12, 7, 'wait'],
    [12, 8, 'refused'], // six parts are three seconds: the Advance Part Limit
    [13, 0, 'wait'],
    [11, 3, 'ready'],
    [11, 9, 'ready'], // beyond the last part: part 0 of the segment that follows, which is there
    [2 ** 50, 0, 'refused'],
  ]
  for (const [mediaSequenceNumber, part, expected] of table) {
    assert.equal(
      decideReload(live(), { mediaSequenceNumber, part }),
      expected,
      `msn ${mediaSequenceNumber} part ${part}`,
    )
  }
})

test("a part beyond the last of the newest complete segment waits for the next segment's first", () => {
  const rendition = live()
  rendition.endSegment()
  assert.equal(decideReload(rendition, { mediaSequenceNumber: 12, part: 2 }), 'wait')
  rendition.startSegment({
    mediaSequenceNumber: 13,
    discontinuity: false,
    discontinuitySequence: 0,
    programDateTimeMs: 0,
    init: 'i',
  })
  rendition.addPart({ durationSeconds: 0.5, independent: true, gap: false, byteLength: 1 })
  assert.equal(decideReload(rendition, { mediaSequenceNumber: 12, part: 2 }), 'ready')
})

test('after ENDLIST directives are ignored', () => {
  const rendition = live()
  rendition.end()
  assert.equal(decideReload(rendition, { mediaSequenceNumber: 99, part: 99 }), 'ready')
})

test('the Advance Part Limit is three seconds of parts, or three', () => {
  const rendition = live()
  assert.equal(advancePartLimit(rendition), 6)
  rendition.partTargetTicks = 18_180
  assert.equal(advancePartLimit(rendition), 15)
  rendition.partTargetTicks = 90_000
  assert.equal(advancePartLimit(rendition), 3)
})
