import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ladderFor } from './ladder.ts'

const wide = (height: number) => ({ width: (height * 16) / 9, height })
const upright = (width: number) => ({ width, height: (width * 16) / 9 })
const rung = (height: number) => ({ height, bitrateBps: 500_000 })
const names = (...args: Parameters<typeof ladderFor>) => ladderFor(...args).map(({ name }) => name)
const sizes = (...args: Parameters<typeof ladderFor>) =>
  ladderFor(...args).map(({ name, width, height }) => `${name} ${width}x${height}`)

test('rungs are never as large as the source, and two at least where there is room', () => {
  assert.deepEqual(names(wide(2160)), ['720p', '480p', '360p'])
  assert.deepEqual(names(wide(1080)), ['720p', '480p', '360p'])
  assert.deepEqual(names(wide(720)), ['480p', '360p'])
  assert.deepEqual(names(wide(480)), ['360p', '240p'])
  assert.deepEqual(names(wide(360)), ['240p'])
  assert.deepEqual(names(wide(240)), [])
})

test('an upright source has the rungs of the same source lying, by its short side', () => {
  assert.deepEqual(sizes(upright(1080)), ['720p 720x1280', '480p 480x854', '360p 360x640'])
  assert.deepEqual(sizes(upright(720)), ['480p 480x854', '360p 360x640'])
  assert.deepEqual(sizes({ width: 1080, height: 1080 }), ['720p 720x720', '480p 480x480', '360p 360x360'])
  assert.deepEqual(sizes(upright(480), [rung(480), rung(240)]), ['240p 240x426'])
})

test('rungs have the shape in which the source is shown, and even sides', () => {
  assert.deepEqual(sizes({ width: 1047, height: 576 }), ['480p 872x480', '360p 654x360'])
  assert.deepEqual(sizes(wide(1080), [rung(161)]), ['161p 286x162'])
  assert.deepEqual(sizes({ width: 4096, height: 1716 }, [rung(720)]), ['720p 1718x720'])
})

test('a wanted ladder replaces the default one, largest first, each height once', () => {
  assert.deepEqual(names(wide(1080), [rung(360), rung(720), rung(360), rung(2160)]), ['720p', '360p'])
  assert.deepEqual(names(wide(1080), []), [])
})
