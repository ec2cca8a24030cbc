import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyFrameStart } from './join-live.ts'

const head = '#EXTM3U\n#EXT-X-SERVER-CONTROL:PART-HOLD-BACK=1.5\n#EXT-X-PART-INF:PART-TARGET=0.5\n'

/** Four parts of half a second a segment; `keys` are the independent ones, counted from the first segment on. */
function playlist(segments: number, keys: readonly number[], options: { listedFrom?: number; open?: number } = {}) {
  const { listedFrom = 0, open = 0 } = options
  const part = (index: number) =>
    `#EXT-X-PART:DURATION=0.5,URI="p${index}"${keys.includes(index) ? ',INDEPENDENT=YES' : ''}`
  const lines: string[] = []
  for (let segment = 0; segment < segments; segment++) {
    if (segment >= listedFrom) for (let index = 0; index < 4; index++) lines.push(part(segment * 4 + index))
    lines.push('#EXTINF:2,', `seg-${segment}`)
  }
  for (let index = 0; index < open; index++) lines.push(part(segments * 4 + index))
  return head + lines.join('\n')
}

test('where each segment begins with a key frame, hls.js begins right by itself', () => {
  assert.equal(keyFrameStart(playlist(3, [0, 4, 8])), undefined)
})

test('in the middle of a long interval it begins at the key frame before live', () => {
  assert.equal(keyFrameStart(playlist(3, [0])), 6)
  assert.equal(keyFrameStart(playlist(3, [2], { open: 3 })), 6.5)
})

test('a key frame a little nearer than live is begun at', () => {
  assert.equal(keyFrameStart(playlist(3, [0, 10])), 1)
})

test('one that is too near to play from is not', () => {
  assert.equal(keyFrameStart(playlist(3, [0, 11])), 6)
})

test('before the parts that are listed, the oldest segment that may have the key frame is begun at', () => {
  assert.equal(keyFrameStart(playlist(8, [], { listedFrom: 5 })), 12)
})

test('a part that is a gap is no key frame', () => {
  const gap = playlist(3, [0]).replace('URI="p0",', 'URI="p0",GAP=YES,')
  assert.equal(keyFrameStart(gap), 6, 'the oldest there is')
})

test('what is over, or has no parts, is left as it is', () => {
  assert.equal(keyFrameStart(`${playlist(3, [0])}\n#EXT-X-ENDLIST`), undefined)
  assert.equal(keyFrameStart('#EXTM3U\n#EXTINF:2,\nseg-0'), undefined)
})
