import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chapterKey, closedKey, compareTakes, initName, isMediaPath, readNames, segmentName, takeAt } from './layout.ts'

test('what a recorder names is read back, and what else lies there is left alone', () => {
  const take = takeAt(1_790_000_000_000)
  const chapter = { rendition: '480p', take, number: 1200 }
  const keys = [
    chapterKey('b-1', chapter),
    closedKey('b-1', take),
    'recordings/b-1/chapters/notes.txt',
    'recordings/b-1/chapters/480p-x.json',
  ]
  assert.deepEqual(readNames('b-1', keys), { chapters: [chapter], closed: [take] })
  assert.ok(isMediaPath(`480p/${segmentName(take, 1200)}`))
  assert.ok(isMediaPath(`source/${initName(take, 0)}`))
})

test('takes are in the order in which they began, also where their names grow longer', () => {
  const longest = 'zzzzzzz'
  const next = takeAt(Number.parseInt(longest, 36) + 1)
  assert.ok(compareTakes(longest, next) < 0)
})
