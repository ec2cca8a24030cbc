import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RouteTable, routeOf } from './route-table.ts'
import { broadcastOf } from './testing/edge-under-test.ts'

const publisher = { sessionId: 's', ingestPod: 'i', connectedAt: '' }

test('a status says where a broadcast is served, and if not, why', () => {
  assert.deepEqual(routeOf(broadcastOf('b', { podIP: '10.0.0.1', podUID: 'u' })), {
    state: 'live',
    host: '10.0.0.1',
    podUID: 'u',
  })
  assert.equal(routeOf(broadcastOf('b', { podName: 'p' })).state, 'pending')
  assert.equal(routeOf(broadcastOf('b', { publisher })).state, 'pending')
  assert.equal(routeOf(broadcastOf('b', {})).state, 'idle')
  assert.equal(routeOf(broadcastOf('b', { endedAt: 'now', publisher })).state, 'ended')
  assert.equal(routeOf(broadcastOf('b', {}, 'Ended')).state, 'ended')
  assert.equal(
    routeOf(broadcastOf('b', { podIP: '10.0.0.1', endedAt: 'now' }, 'Ended')).state,
    'live',
    'the playlist with its end is still there',
  )
})

test('whoever waits hears of another Pod at once, and not of the same one', async () => {
  const table = new RouteTable()
  table.upsert(broadcastOf('b', { podIP: '10.0.0.1', podUID: 'one' }))
  let heard = false
  const change = table.changed('b', 60_000).then(() => (heard = true))
  table.upsert(broadcastOf('b', { podIP: '10.0.0.1', podUID: 'one', playlistUrl: 'new' }))
  await new Promise(setImmediate)
  assert.equal(heard, false)
  table.upsert(broadcastOf('b', { podIP: '10.0.0.1', podUID: 'two' }))
  await change
  table.remove('b')
  assert.equal(table.get('b').state, 'unknown')
})

test('a Broadcast may have any name', () => {
  const table = new RouteTable()
  table.upsert(broadcastOf('error', { podName: 'p' }))
  table.upsert(broadcastOf('error', {}))
  table.remove('error')
  assert.equal(table.get('error').state, 'unknown')
})
