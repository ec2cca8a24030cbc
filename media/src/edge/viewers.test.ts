import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Viewers } from './viewers.ts'

test('a viewer is there for the window after its last sign, whoever noted that', () => {
  const viewers = new Viewers({ windowMs: 1_000 })
  const sighting = viewers.seen('b', 'ann', 0)
  viewers.seen('b', 'bo', 0)
  assert.ok(sighting)
  sighting.at = 500
  assert.deepEqual(viewers.sweep(1_500).get('b'), ['ann'])
  assert.equal(viewers.seenAgain('b', 'bo', 1_500), undefined)
  assert.deepEqual(viewers.sweep(1_501).get('b'), [])
  assert.equal(viewers.sweep(1_502).size, 0)
})

test('a viewer whose request is held is there as long as that is', () => {
  const viewers = new Viewers({ windowMs: 1_000 })
  const sighting = viewers.seen('b', 'ann', 0)
  assert.ok(sighting)
  sighting.held = 1
  assert.deepEqual(viewers.sweep(9_000).get('b'), ['ann'])
  sighting.held = 0
  sighting.at = 9_500
  assert.deepEqual(viewers.sweep(10_000).get('b'), ['ann'])
  assert.deepEqual(viewers.sweep(10_501).get('b'), [])
})

test('a viewer’s name keeps nothing of what it was cut out of', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const viewers = new Viewers()
  collect()
  const before = process.memoryUsage().heapUsed
  for (let index = 0; index < 2_000; index++) {
    const head = Buffer.alloc(16_000, 'a').fill(`viewer number ${index};`, 0, 21).toString('latin1')
    viewers.seen('b', head.slice(0, 20), 0)
  }
  collect()
  const grownBytes = process.memoryUsage().heapUsed - before
  assert.ok(grownBytes < 8_000_000, `${grownBytes} bytes`)
  assert.ok((viewers.sweep(0).get('b')?.length ?? 0) > 1_000)
})
