import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginStory, hear, lookAway, tell } from './player-story.ts'

type Told = [name: string, atMs: number]

const story = (marks: readonly Told[], { loadsShow = true } = {}) =>
  marks.reduce((story, [name, startTime]) => hear(story, { name: `player.${name}`, startTime }), beginStory(loadsShow))

const told = (marks: readonly Told[], now: number, options?: { loadsShow: boolean }) =>
  tell(story(marks, options), now)[1]

test('who loads the page of a show waits from then on, who comes from the list since the player began', () => {
  const marks: Told[] = [
    ['connecting', 300],
    ['expected', 310],
    ['playing', 900],
  ]
  assert.deepEqual(told(marks, 900)?.firstPictures, [{ begun: 'load', ms: 900 }])
  assert.deepEqual(told(marks, 900, { loadsShow: false })?.firstPictures, [{ begun: 'page', ms: 600 }])
})

test('who was there before the show waits since it is on air, and nobody for one that never was', () => {
  const before: Told[] = [['connecting', 300]]
  assert.deepEqual(told([...before, ['expected', 60_300], ['playing', 61_000]], 61_000)?.firstPictures, [
    { begun: 'air', ms: 700 },
  ])
  assert.deepEqual(told([...before, ['playing', 900]], 900), undefined)
})

test('a picture is first once a player, and not when nobody looked meanwhile', () => {
  const marks: Told[] = [
    ['connecting', 0],
    ['expected', 1],
    ['playing', 500],
    ['stalled', 2_000],
    ['playing', 3_000],
  ]
  assert.equal(told(marks, 3_000)?.firstPictures.length, 1)
  const away = lookAway(story(marks.slice(0, 2)))
  assert.deepEqual(tell(hear(away, { name: 'player.playing', startTime: 90_000 }), 90_000)[1], undefined)
})

test('stalls are told with their length and beside the time played, each once', () => {
  const marks: Told[] = [
    ['connecting', 0],
    ['playing', 1_000],
    ['stalled', 11_000],
    ['playing', 13_500],
    ['stopped', 20_000],
  ]
  const [after, report] = tell(story(marks), 30_000)
  assert.deepEqual(report, { firstPictures: [], stallsMs: [2_500], playedMs: 16_500 })
  assert.deepEqual(tell(after, 40_000)[1], undefined)
})

test('a stall that goes on is told in pieces, and marks of others are nothing', () => {
  const [after, report] = tell(
    story([
      ['playing', 0],
      ['stalled', 1_000],
    ]),
    61_000,
  )
  assert.deepEqual(report, { firstPictures: [], stallsMs: [60_000], playedMs: 1_000 })
  const [, rest] = tell(
    hear(hear(after, { name: 'hls', startTime: 62_000 }), { name: 'player.stopped', startTime: 63_000 }),
    64_000,
  )
  assert.deepEqual(rest?.stallsMs, [2_000])
})
