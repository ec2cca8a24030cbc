import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Viewers, viewerWindowMs } from './viewers.ts'

test('a viewer is there for the window after its last sign, whoever noted that', () => {
  const viewers = new Viewers()
  const sighting = viewers.seen('b', 'ann', 0)
  viewers.seen('b', 'bo', 0)
  assert.ok(sighting)
  sighting.at = 500
  const last = 500 + viewerWindowMs
  assert.deepEqual(viewers.sweep(last).get('b'), ['ann'])
  assert.equal(viewers.seenAgain('b', 'bo', last), undefined)
  assert.deepEqual(viewers.sweep(last + 1).get('b'), [])
  assert.equal(viewers.sweep(last + 2).size, 0)
})

test('a viewer whose request is held is there as long as that is', () => {
  const viewers = new Viewers()
  const sighting = viewers.seen('b', 'ann', 0)
  assert.ok(sighting)
  sighting.held = 1
  const answered = 2 * viewerWindowMs
  assert.deepEqual(viewers.sweep(answered).get('b'), ['ann'])
  assert.ok(viewers.seenStill(sighting, answered))
  sighting.held = 0
  assert.ok(!viewers.seenStill(sighting, answered + viewerWindowMs + 1))
  assert.deepEqual(viewers.sweep(answered + viewerWindowMs).get('b'), ['ann'])
  assert.deepEqual(viewers.sweep(answered + viewerWindowMs + 1).get('b'), [])
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
