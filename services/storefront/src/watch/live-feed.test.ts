import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Broadcast } from '../api/model.ts'
import { makeBroadcast } from '../testing/fixture-state.ts'
import { LiveFeed } from './live-feed.ts'

test('a reading that is asked for while another is on its way follows it, once for all who asked', async () => {
  const answers = [1, 2].map(() => Promise.withResolvers<Broadcast>())
  let begun = 0
  const feed = new LiveFeed('b-1', () => answers[begun++]?.promise ?? Promise.reject(new Error('one too many')))
  const first = feed.refresh()
  const later = [feed.refresh(), feed.refresh()] // something changed that the first may not have seen
  assert.equal(begun, 1)
  answers[0]?.resolve(makeBroadcast('b-1', 'as it was', 'live', []))
  await first
  assert.equal(feed.broadcast.value?.title, 'as it was')
  answers[1]?.resolve(makeBroadcast('b-1', 'as it is', 'live', []))
  await Promise.all(later)
  assert.equal(feed.broadcast.value?.title, 'as it is')
  assert.equal(begun, 2)
})
