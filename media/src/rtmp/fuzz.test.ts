import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzSessions } from './testing/fuzz-session.ts'

test('twenty thousand mutated messages end sessions and nothing else', async () => {
  const { messages, published, ends, slowestMs } = await fuzzSessions({ seed: 1, count: 20_000 })
  assert.ok(messages >= 20_000)
  assert.ok(published > 100, 'some got as far as publishing')
  assert.ok((ends['amf_truncated'] ?? 0) > 0 && (ends['media_before_publish'] ?? 0) > 0, JSON.stringify(ends))
  assert.ok(slowestMs < 500)
})
