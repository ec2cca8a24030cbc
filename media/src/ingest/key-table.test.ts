import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { keyHashOf } from '@mytaek1/platform/kubernetes/stream-keys.ts'
import { KeyTable, hashMatches, hashStreamKey } from './key-table.ts'

interface Facts {
  name?: string
  sha256?: string
  secret?: boolean
  resolved?: string
  state?: 'Open' | 'Ended'
  created?: string
  deleted?: boolean
  endedAt?: string
}

function broadcastOf(facts: Facts): Broadcast {
  const { name = 'b-1', created = '2026-01-01T00:00:00Z', sha256, resolved, endedAt } = facts
  const metadata = { name, namespace: 'shop', uid: name, resourceVersion: '1', creationTimestamp: created }
  return {
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: facts.deleted ? { ...metadata, deletionTimestamp: created } : metadata,
    spec: {
      title: '',
      seller: '',
      streamKey: facts.secret ? { secretRef: { name: 's', key: 'k' } } : { sha256 },
      state: facts.state ?? 'Open',
      latency: 'Low',
      dvrWindow: '10m',
      reconnectWindow: '60s',
      recording: false,
    },
    status: { streamKeySha256: resolved, endedAt },
  }
}

const hash = hashStreamKey('key')
const hex = hash.toString('hex')
const table = (...all: Facts[]) => {
  const made = new KeyTable()
  for (const facts of all) made.upsert(broadcastOf(facts))
  return made
}

test('a key finds its open broadcast, of several the newest', () => {
  const found = table({ sha256: hex, name: 'old' }, { sha256: hex, name: 'new', created: '2026-02-01T00:00:00Z' }).find(
    hash,
  )
  assert.equal(found.state === 'open' ? found.broadcast.metadata.name : '', 'new')
})

test('of two of one second the name decides, as for the operator, in whatever order they come', () => {
  for (const names of [
    ['a', 'b'],
    ['b', 'a'],
  ]) {
    const found = table(...names.map((name) => ({ sha256: hex, name }))).find(hash)
    assert.equal(found.state === 'open' ? found.broadcast.metadata.name : '', 'b')
  }
})

test('a key of broadcasts that are over, or being deleted, is closed; one of none is unknown', () => {
  for (const facts of [{ state: 'Ended' }, { deleted: true }, { endedAt: '2026-01-01T00:00:00Z' }] as const) {
    assert.equal(table({ sha256: hex, ...facts }).find(hash).state, 'closed')
  }
  assert.equal(table().find(hash).state, 'unknown')
  assert.equal(table({ sha256: hashStreamKey('other').toString('hex') }).find(hash).state, 'unknown')
  assert.equal(table({}).find(hashStreamKey('')).state, 'unknown', 'a broadcast without a hash takes no key')
})

test('a Secret counts as the operator resolved it, a spec as it stands now', () => {
  assert.equal(keyHashOf(broadcastOf({ secret: true })), undefined)
  assert.equal(keyHashOf(broadcastOf({ secret: true, resolved: hex })), hex)
  assert.equal(keyHashOf(broadcastOf({ sha256: 'next', resolved: hex })), 'next')
})

test('a broadcast that changes its key or goes is no longer found by it', () => {
  const made = table({ sha256: hex })
  made.upsert(broadcastOf({ sha256: hashStreamKey('next').toString('hex') }))
  assert.equal(made.find(hash).state, 'unknown')
  assert.equal(made.find(hashStreamKey('next')).state, 'open')
  made.remove('b-1')
  assert.equal(made.find(hashStreamKey('next')).state, 'unknown')
})

test('waiting for a key ends when it comes, when time is up, and when the encoder leaves', async () => {
  const made = table()
  const coming = made.findSoon(hash, 60_000, new AbortController().signal)
  made.upsert(broadcastOf({ sha256: hex }))
  assert.equal((await coming).state, 'open')
  made.remove('b-1')
  assert.equal((await made.findSoon(hash, 1, new AbortController().signal)).state, 'unknown')
  const leaving = new AbortController()
  const left = made.findSoon(hash, 60_000, leaving.signal)
  leaving.abort()
  assert.equal((await left).state, 'unknown')
})

test('malformed hashes match nothing', () => {
  for (const other of [undefined, '', 'zz', hex.slice(2), `${hex}00`]) assert.equal(hashMatches(hash, other), false)
  assert.equal(hashMatches(hash, hex), true)
})
