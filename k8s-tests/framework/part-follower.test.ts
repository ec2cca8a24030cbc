import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, partsAfter, reachOf, type PlaylistReach } from './part-follower.ts'

const playlist = (...lines: string[]) =>
  ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...lines, '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="x"'].join('\n')

test('a playlist reaches to its last part, and its newest part is the last that is there', () => {
  assert.deepEqual(
    reachOf(
      playlist(
        '#EXT-X-MEDIA-SEQUENCE:7',
        '#EXT-X-DISCONTINUITY-SEQUENCE:1',
        '#EXTINF:2,',
        'seg-7.m4s',
        '#EXT-X-PART:DURATION=1,URI="part-8.0.m4s"',
        '#EXT-X-PART:DURATION=1,URI="part-8.1.m4s",GAP=YES',
      ),
    ),
    { first: 7, discontinuity: 1, last: { number: 8, part: 1 }, newest: { number: 8, part: 0 } },
  )
  assert.deepEqual(reachOf(playlist('#EXT-X-MEDIA-SEQUENCE:3', '#EXTINF:2,', '#EXT-X-GAP', 'seg-3.m4s')), {
    first: 3,
    discontinuity: 0,
    last: { number: 3, part: -1 },
    newest: undefined,
  })
  assert.equal(reachOf('<html>'), undefined)
})

test('what a player has yet to load are the parts behind its last one that are no gaps', () => {
  const parts = [0, 1, 2].map(
    (part) => `#EXT-X-PART:DURATION=1,URI="part-8.${part}.m4s"${part === 1 ? ',GAP=YES' : ''}`,
  )
  const text = playlist(
    '#EXT-X-MEDIA-SEQUENCE:7',
    '#EXT-X-PART:DURATION=1,URI="part-7.0.m4s"',
    '#EXT-X-PART:DURATION=1,URI="part-7.1.m4s"',
    '#EXTINF:2,',
    'seg-7.m4s',
    ...parts,
  )
  assert.deepEqual(partsAfter(text, { number: 7, part: 0 }), ['part-7.1.m4s', 'part-8.0.m4s', 'part-8.2.m4s'])
  assert.deepEqual(partsAfter(text, { number: 8, part: 2 }), [])
})

test('a sequence that falls and a hole in the numbers are seen', () => {
  const reach = (first: number, last: number, discontinuity = 0): PlaylistReach => ({
    first,
    discontinuity,
    last: { number: last, part: 0 },
    newest: undefined,
  })
  assert.deepEqual(compare(reach(5, 9, 1), reach(6, 10, 1)), [])
  assert.deepEqual(compare(reach(5, 9), reach(10, 12)), [])
  assert.match(compare(reach(5, 9), reach(4, 9)).join(), /media sequence fell from 5 to 4/)
  assert.match(compare(reach(5, 9), reach(11, 12)).join(), /nothing is listed between segment 9 and 11/)
  assert.match(compare(reach(5, 9), reach(5, 8)).join(), /newest segment fell from 9 to 8/)
  assert.match(compare(reach(5, 9, 2), reach(5, 9, 1)).join(), /discontinuity sequence fell/)
})
