import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nativeWindow, playlistWindow, positionIn, timeBehind, timeOfDate } from './dvr-window.ts'

const facts = { live: true, fragmentStart: 100, edge: 699, age: 1, partHoldBack: 1.5, holdBack: 6 }
const window = playlistWindow(facts)
const ranges = (...pairs: [number, number][]) =>
  ({ length: pairs.length, start: (at: number) => pairs[at]?.[0], end: (at: number) => pairs[at]?.[1] }) as TimeRanges

test('the live edge moves on between two playlists, until the playlist has ended', () => {
  assert.deepEqual(window, { startSeconds: 100, edgeSeconds: 700, holdBackSeconds: 1.5 })
  assert.equal(playlistWindow({ ...facts, live: false }).edgeSeconds, 699)
  assert.equal(playlistWindow({ ...facts, partHoldBack: 0 }).holdBackSeconds, 6)
})

test('the bar reaches back in whole steps, not to what is about to leave the playlist', () => {
  assert.deepEqual(positionIn(window, 680), { lengthSeconds: 595, behindSeconds: 20 })
  assert.equal(positionIn({ ...window, startSeconds: 686 }, 690).lengthSeconds, 0)
})

test('a wish beyond either end is the nearest place that can be played', () => {
  assert.equal(timeBehind(window, 20), 680)
  assert.equal(timeBehind(window, 0), 698.5)
  assert.equal(timeBehind(window, 9_000), 105)
  assert.equal(timeBehind({ ...window, startSeconds: 697 }, 9_000), 698.5)
})

test('a browser that plays HLS by itself tells its window as what can be sought', () => {
  const native = nativeWindow({ seekable: ranges([0, 600]) })
  assert.deepEqual(native, { startSeconds: 0, edgeSeconds: 600, holdBackSeconds: 2 })
  assert.equal(native && timeBehind(native, 0), 598)
  assert.equal(nativeWindow({ seekable: ranges() }), undefined)
  assert.equal(nativeWindow({ seekable: ranges([0, Number.POSITIVE_INFINITY]) }), undefined)
})

test('a picture is found again by its programme date', () => {
  assert.equal(timeOfDate({ start: 40, programDateTime: 1_000_000 }, 1_012_500), 52.5)
  assert.equal(timeOfDate({ start: 40, programDateTime: null }, 1_012_500), undefined)
})
