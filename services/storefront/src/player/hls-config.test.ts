import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveHlsConfig, reloadPauseMs } from './hls-config.ts'

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

test('a missing playlist is asked for again soon when it is due, seldom before, and viewers do not ask in step', () => {
  assert.ok(reloadPauseMs(0, true, 1) < 1_000)
  assert.ok(reloadPauseMs(0, false, 0) >= 3_000)
  assert.ok(reloadPauseMs(50, true, 1) <= 7_200)
  assert.notEqual(reloadPauseMs(1, true, 0), reloadPauseMs(1, true, 1))
})
