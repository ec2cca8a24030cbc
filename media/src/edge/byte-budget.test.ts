import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteBudget } from './byte-budget.ts'

/** Claims `bytes`, and notes who was admitted. */
function queue(maxBytes: number) {
  const budget = new ByteBudget({ maxBytes })
  const admitted: string[] = []
  const claim = (name: string, bytes: number) => budget.claim(bytes, () => admitted.push(name))
  return { budget, admitted, claim }
}

test('bodies are read while there is room, the others wait in order, and what waits is let in as soon as it fits', () => {
  const { budget, admitted, claim } = queue(640)
  const [first] = ['a', 'b', 'c', 'd'].map((name) => claim(name, 200))
  assert.deepEqual(admitted, ['a', 'b'])
  assert.equal(budget.bytes, 400)
  first?.release()
  assert.deepEqual(admitted, ['a', 'b', 'c'])
  first?.release()
  assert.equal(budget.bytes, 400, 'given back once')
})

test('large bodies leave a quarter to small ones, which do not wait behind them', () => {
  const { admitted, claim } = queue(640)
  for (const name of ['large 1', 'large 2', 'large 3']) claim(name, 240)
  for (let index = 0; index < 17; index += 1) claim(`small ${index}`, 10)
  assert.deepEqual(admitted, ['large 1', 'large 2', ...Array.from({ length: 16 }, (_, index) => `small ${index}`)])
})

test('a large body that waits is passed by no other large one', () => {
  const { admitted, claim } = queue(640)
  const first = claim('first', 400)
  claim('second', 400)
  claim('third', 20)
  assert.deepEqual(admitted, ['first'])
  first.release()
  assert.deepEqual(admitted, ['first', 'second', 'third'])
})

test('one body of more than large ones may take comes alone, and not never', () => {
  const { budget, admitted, claim } = queue(640)
  const first = claim('first', 20)
  const huge = claim('huge', 640)
  assert.deepEqual(admitted, ['first'])
  first.release()
  assert.deepEqual(admitted, ['first', 'huge'])
  huge.release()
  assert.equal(budget.bytes, 0)
})

test('who gives up while it waits has taken nothing, and holds nobody up', async () => {
  const { budget, admitted, claim } = queue(640)
  const first = claim('first', 400)
  const given = new AbortController()
  const waits = budget.room(400, given.signal)
  claim('next', 50)
  given.abort(new Error('left'))
  await assert.rejects(waits, /left/)
  assert.deepEqual(admitted, ['first', 'next'])
  first.release()
  assert.equal(budget.bytes, 50)
})
