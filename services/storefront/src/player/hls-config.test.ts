import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveHlsConfig } from './hls-config.ts'

test('the distance from live is the server’s to choose', () => {
  for (const name of [
    'liveSyncDuration',
    'liveSyncDurationCount',
    'liveMaxLatencyDuration',
    'liveMaxLatencyDurationCount',
  ])
    assert.ok(!(name in liveHlsConfig), `${name} would override PART-HOLD-BACK`)
  assert.equal(liveHlsConfig.lowLatencyMode, true)
})

test('hls.js leaves the speed to us, gives little away after a stall, and the back buffer is bounded', () => {
  assert.equal(liveHlsConfig.maxLiveSyncPlaybackRate, 1)
  assert.ok(liveHlsConfig.liveSyncOnStallIncrease <= 0.3)
  assert.ok(liveHlsConfig.backBufferLength >= 30 && liveHlsConfig.backBufferLength <= 90)
})
