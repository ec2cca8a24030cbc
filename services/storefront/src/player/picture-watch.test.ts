import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginWatch, excuse, remedy, watchPictures, type PictureWatch, type Sight } from './picture-watch.ts'

/** Looks every second; `at` tells what is seen then. */
function watchFor(seconds: number, at: (second: number) => Sight, from: PictureWatch = beginWatch(0)): PictureWatch {
  let watch = from
  for (let second = 1; second <= seconds; second++) watch = watchPictures(watch, at(second), second * 1_000)
  return watch
}

const standing: Sight = { pictures: 10, timeSeconds: 5, edgeSeconds: 7 }

test('pictures that come need no help', () => {
  const watch = watchFor(60, (second) => ({ pictures: second * 30, timeSeconds: second, edgeSeconds: second + 2 }))
  assert.equal(remedy(watch, true, 60_000), 'none')
})

test('a picture that stands while the playlist goes on: a jump after four seconds, begun anew after eight', () => {
  const advancing = (second: number) => ({ ...standing, edgeSeconds: second })
  const stoodFor = (seconds: number) => remedy(watchFor(seconds + 1, advancing), false, (seconds + 1) * 1_000)
  assert.deepEqual([3, 5, 7, 9].map(stoodFor), ['none', 'jump', 'jump', 'anew'])
})

test('who has jumped does not jump again before the next picture', () => {
  const jumped = { ...watchFor(1, () => standing), jumped: true }
  assert.equal(
    remedy(
      watchFor(6, () => standing, jumped),
      true,
      6_000,
    ),
    'none',
  )
  const shown = watchFor(6, () => ({ ...standing, pictures: 11, timeSeconds: 6 }), jumped)
  assert.equal(shown.jumped, false)
})

test('time that goes on without a picture is a fault too: the sound plays, the screen stands', () => {
  const watch = watchFor(10, (second) => ({ pictures: 10, timeSeconds: second, edgeSeconds: second + 2 }))
  assert.equal(remedy(watch, true, 10_000), 'anew')
})

test('where no picture can be counted, time that goes on is enough', () => {
  const watch = watchFor(20, (second) => ({ pictures: undefined, timeSeconds: second, edgeSeconds: second + 2 }))
  assert.equal(remedy(watch, true, 20_000), 'none')
})

test('a player that never shows a first picture is begun anew as well', () => {
  const waiting = (second: number) => ({ pictures: 0, timeSeconds: 0, edgeSeconds: second })
  assert.equal(remedy(watchFor(10, waiting), false, 10_000), 'anew')
})

test('what nobody expects is waited for longer, but not for ever', () => {
  assert.equal(
    remedy(
      watchFor(20, () => standing),
      false,
      20_000,
    ),
    'jump',
  )
  assert.equal(
    remedy(
      watchFor(20, () => standing),
      true,
      20_000,
    ),
    'anew',
  )
  assert.equal(
    remedy(
      watchFor(32, () => standing),
      false,
      32_000,
    ),
    'anew',
  )
})

test('time in which nothing could be expected does not count', () => {
  const excused = excuse(
    watchFor(60, () => standing),
    60_000,
  )
  assert.equal(remedy(excused, true, 61_000), 'none')
  assert.equal(remedy(excused, true, 68_001), 'anew')
})
