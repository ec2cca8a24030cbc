import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byteWords, endsAt } from './byte-words.ts'
import { KnownTargets } from './known-targets.ts'

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length)

/** Reads what comes before the version, as from one connection's buffer. */
function reader() {
  const targets = new KnownTargets()
  return (line: string) => {
    const bytes = Buffer.from(`${line} HTTP/1.1\r\nHost: x`, 'latin1')
    return targets.read(bytes, viewOf(bytes), line.length)
  }
}

test('of a GET line in bytes the target is read, again and again', () => {
  const read = reader()
  const targets = [
    '/',
    '/x',
    '/1234567',
    '/\u00ff234567',
    `/${'x'.repeat(255)}`,
    `/${'y'.repeat(4_000)}`,
    '/hls/b-1/index.m3u8?a=b',
    // Alike but for a byte: at the beginning, in the middle, at the end; and one cut short.
    '/hls/a-1/index.m3u8?a=b',
    '/hls/b-1/index.m3u9?a=b',
    '/hls/b-1/index.m3u8?a=c',
    '/hls/b-1/index.m3u8?a=',
  ]
  for (let number = 0; number < 5_000; number += 1) targets.push(`/hls/b-1/source/part-${number}.0.m4s`) // more than are kept
  for (let round = 0; round < 2; round += 1) for (const target of targets) assert.equal(read(`GET ${target}`), target)
})

test('of any other line nothing is read', () => {
  const read = reader()
  for (const line of ['', 'GET', 'GET ', 'GET x', 'HEAD /', 'get /', 'GET /a b', 'GET /hls/b-1/index.m3u8?a b'])
    for (let round = 0; round < 2; round += 1) assert.equal(read(line), undefined, line)
})

test('words are what a text ends with, and no other text', () => {
  const text = 'X-Forwarded-For: 192.0.2.1, 192.0.2.2'
  for (let length = 8; length <= text.length; length += 1) {
    const tail = text.slice(-length)
    const endsWith = (whole: string) => {
      const bytes = Buffer.from(whole, 'latin1')
      return endsAt(byteWords(tail), bytes.length, viewOf(bytes))
    }
    assert.ok(endsWith(text))
    assert.ok(endsWith(tail))
    assert.ok(!endsWith(tail.slice(1)), 'too short')
    for (let at = 0; at < length; at += 1) {
      const other = `${text.slice(0, -length)}${tail.slice(0, at)}#${tail.slice(at + 1)}`
      assert.ok(!endsWith(other), other)
    }
  }
})
