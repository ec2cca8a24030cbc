import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Findings } from './findings.ts'
import { parsePlaylist } from './parse-playlist.ts'
import { checkReload, lastPosition, nextPosition } from './reload-rules.ts'

const empty = parsePlaylist('#EXTM3U\n')
const part = (uri: string) => ({ uri, duration: 0.5, independent: true, gap: false })
const segment = {
  mediaSequenceNumber: 7,
  uri: undefined,
  duration: undefined,
  map: undefined,
  discontinuity: false,
  discontinuitySequence: 0,
  programDateTimeMs: 0,
  gap: false,
  parts: [part('part-7.0.m4s')],
}
const before = { ...empty, mediaSequence: 7, segments: [segment] }
const after = { ...before, segments: [{ ...segment, parts: [...segment.parts, part('part-7.1.m4s')] }] }

function broken(next: typeof after): string[] {
  const findings = new Findings()
  checkReload(before, next, { wanted: nextPosition(before), findings })
  return findings.violations.map(({ rule }) => rule)
}

test('the position after an open segment is its next part, after a closed one the next segment', () => {
  assert.deepEqual(nextPosition(before), { mediaSequenceNumber: 7, part: 1 })
  const closed = { ...before, segments: [{ ...segment, uri: 'seg-7.m4s', duration: 2 }] }
  assert.deepEqual(nextPosition(closed), { mediaSequenceNumber: 8, part: 0 })
  assert.deepEqual(lastPosition(before), { mediaSequenceNumber: 7, part: 0 })
})

test('a playlist that grew by the part that was asked for breaks no rule', () => {
  assert.deepEqual(broken(after), [])
})

test('one without that part, with another date or an exchanged part breaks one each', () => {
  assert.deepEqual(broken(before), ['the answer contains the part that was asked for'])
  const [grown = segment] = after.segments
  assert.deepEqual(broken({ ...after, segments: [{ ...grown, programDateTimeMs: 1 }] }), [
    'only additions: a date never changes',
  ])
  const exchanged = [part('part-7.x.m4s'), part('part-7.1.m4s')]
  assert.deepEqual(broken({ ...after, segments: [{ ...grown, parts: exchanged }] }), [
    'only additions: a part never changes',
  ])
})
