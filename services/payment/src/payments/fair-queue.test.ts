import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairQueue } from './fair-queue.ts'

test('sellers take turns, and within a seller buyers do, each in order', () => {
  const queue = new FairQueue<string>()
  for (let n = 1; n <= 3; n += 1) queue.add('flood', 'him', `flood-him-${n}`)
  queue.add('flood', 'her', 'flood-her-1')
  queue.add('small', 'ann', 'small-ann-1')
  assert.equal(queue.size, 5)
  const taken: (string | undefined)[] = []
  while (queue.size > 0) taken.push(queue.take())
  assert.deepEqual(taken, ['flood-him-1', 'small-ann-1', 'flood-her-1', 'flood-him-2', 'flood-him-3'])
  assert.equal(queue.take(), undefined)
})
