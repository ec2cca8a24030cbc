import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EpochTracks } from './epoch-tracks.ts'

test('the epoch before the last is known, older ones are forgotten, lost ones have no tracks', () => {
  const epochs = new EpochTracks()
  const tracks = [{}, {}, {}]
  for (const [epoch, each] of tracks.entries()) epochs.set(epoch, each)
  assert.equal(epochs.of(2), tracks[2])
  assert.equal(epochs.of(1), tracks[1])
  assert.equal(epochs.of(0), undefined)
  assert.deepEqual(epochs.of(-1), {})
})
