import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDebugServer } from './debug-server.ts'

test('a CPU profile and a heap snapshot can be taken of a running process', async (t) => {
  const server = await startDebugServer(0)
  t.after(() => server.close())
  const root = `http://127.0.0.1:${server.port}/debug`
  const profile: unknown = await (await fetch(`${root}/profile?seconds=1`)).json()
  assert.ok(typeof profile === 'object' && profile !== null && 'nodes' in profile)
  const heap = await (await fetch(`${root}/heap`)).text()
  assert.ok(heap.startsWith('{"snapshot"'))
  assert.equal((await fetch(`${root}/nothing`)).status, 404)
})
