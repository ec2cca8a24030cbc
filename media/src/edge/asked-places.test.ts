import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Asking, AskedPlaces, mostAskedPerBroadcast } from './asked-places.ts'
import { parseTarget } from './edge-request.ts'

const { playlists, media } = mostAskedPerBroadcast

/** Requests for playlist states, or whatever `file` makes of a number, and which of them lost their place. */
function crowd(broadcast = 'b-1') {
  const places = new AskedPlaces()
  const lost: string[] = []
  const asking = (client: string, number: number, options: { file?: string; waiters?: number } = {}): Asking => {
    const file = options.file ?? `source/media.m3u8?_HLS_msn=${number}`
    const request = parseTarget(`/hls/${broadcast}/${file}`)
    assert.ok(!('refused' in request))
    const waiters = new Set(Array.from({ length: options.waiters ?? 1 }, () => ({})))
    return { request, client, waiters, giveUp: () => lost.push(`${client} ${number}`) }
  }
  const take = (...args: Parameters<typeof asking>) => places.take(asking(...args))
  return { places, lost, asking, take }
}

test('where there is no room, who asks for most loses what fewest wait for, the newest first', () => {
  const { take, lost } = crowd()
  take('mallory', 0)
  for (let number = 1; number < playlists; number++) take('mallory', number, { waiters: 2 })
  assert.deepEqual(lost, [])
  assert.equal(take('ann', 1_000), true)
  assert.equal(take('bo', 1_000), true)
  assert.deepEqual(lost, ['mallory 0', `mallory ${playlists - 1}`])
})

test('who asks for most gets no more, unless nobody waits for one of its own any longer', () => {
  const { take, lost } = crowd()
  take('ann', 0, { waiters: 0 })
  for (let number = 1; number < playlists; number++) take('ann', number)
  assert.equal(take('ann', 1_000), true)
  assert.deepEqual(lost, ['ann 0'])
  assert.equal(take('ann', 1_001), false)
})

test('where all have equally much, nobody loses anything', () => {
  const { take, lost } = crowd()
  for (let number = 0; number < playlists; number++) assert.equal(take(`client ${number}`, number), true)
  assert.equal(take('one more', 1_000), false)
  assert.deepEqual(lost, [])
})

test('media has room whatever is asked of playlists, and a place that is given back is there again', () => {
  const { places, take, asking } = crowd()
  for (let number = 0; number < playlists; number++) take('ann', number)
  const parts = Array.from({ length: media }, (_, number) =>
    asking('ann', number, { file: `source/seg-${number}.m4s` }),
  )
  assert.ok(parts.every((part) => places.take(part)))
  assert.equal(take('ann', media, { file: `source/seg-${media}.m4s` }), false)
  assert.equal(take('ann', 0, { file: 'index.m3u8' }), true)
  const [first] = parts
  assert.ok(first)
  places.free(first)
  places.free(first)
  assert.equal(take('ann', media, { file: `source/seg-${media}.m4s` }), true)
  assert.equal(take('ann', media + 1, { file: `source/seg-${media + 1}.m4s` }), false)
})
