import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Answer, refusal } from './answer.ts'
import { AnswerCache } from './answer-cache.ts'
import type { ResponseBytes } from './http/response-bytes.ts'

const text = ({ first, rest }: ResponseBytes) => Buffer.concat([first, rest ?? Buffer.alloc(0)]).toString()
const plain = { gzip: false, headOnly: false, close: false }
const answerOf = (body: string, cacheControl = 'public, max-age=60', storedAt = 0) =>
  new Answer({
    status: 200,
    contentType: 'video/mp4',
    cacheControl,
    body: Buffer.from(body),
    storedAt,
    date: new Date(0),
  })

test('a response is built once a second and carries its age', () => {
  const answer = answerOf('x')
  const fresh = answer.response(plain, 999)
  assert.equal(answer.response(plain, 10), fresh)
  assert.doesNotMatch(text(fresh), /\nAge/)
  assert.match(text(answer.response(plain, 2_500)), /\r\nAge: 2\r\n/)
  assert.match(text(fresh), /^HTTP\/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n/)
})

test('what is for one viewer only is not what the others get', () => {
  const answer = answerOf('x')
  assert.match(text(answer.response({ ...plain, setCookie: 'a=b' }, 0)), /Set-Cookie: a=b/)
  assert.match(text(answer.response({ ...plain, close: true }, 0)), /Connection: close/)
  assert.match(text(answer.response({ ...plain, headOnly: true }, 0)), /Content-Length: 1\r\n[^]*\r\n\r\n$/)
  assert.doesNotMatch(text(answer.response(plain, 0)), /Set-Cookie|Connection/)
})

test('a head goes into the room before its body once, and whoever still sends that response sends it unchanged', () => {
  const whole = Buffer.from(`${' '.repeat(512)}body`)
  const facts = { status: 200, contentType: 'video/mp4', cacheControl: 'max-age=9', date: new Date(0), storedAt: 0 }
  const answer = new Answer({ ...facts, body: whole.subarray(512), whole })
  const first = answer.response(plain, 0)
  assert.equal(first.first.buffer, whole.buffer)
  const sent = text(first)
  assert.match(sent, /^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\nbody$/)
  assert.match(text(answer.response(plain, 7_000)), /\r\nAge: 7\r\n\r\nbody$/)
  assert.equal(text(first), sent)
  const crowded = new Answer({ ...facts, body: whole.subarray(512), whole: whole.subarray(500) })
  assert.match(text(crowded.response(plain, 0)), /^HTTP[^]*\r\n\r\nbody$/)
})

test('the room before a body is used again once nobody has to send what was in it', () => {
  const whole = Buffer.alloc(516, 'body') // memory of its own, as answers have it
  const facts = { status: 200, contentType: 'video/mp4', cacheControl: 'max-age=9', date: new Date(0), storedAt: 0 }
  const answer = new Answer({ ...facts, body: whole.subarray(512), whole })
  let asked = 0
  const isSent = (memory: ArrayBufferLike) => memory === whole.buffer && (asked += 1) > 1
  const isInRoom = ({ first }: ResponseBytes) => first.buffer === whole.buffer
  assert.ok(isInRoom(answer.response(plain, 0, isSent)))
  const later = answer.response(plain, 12_000, isSent)
  assert.ok(isInRoom(later))
  assert.match(text(later), /^HTTP\/1.1 200 OK\r\n[^]*\r\nAge: 12\r\n\r\nbody$/)
  assert.ok(!isInRoom(answer.response(plain, 13_000, isSent)))
})

test('nobody gets a copy of a large body, whatever is only in its head', () => {
  const answer = answerOf('x'.repeat(100_000))
  const shapes = [plain, { ...plain, close: true }, { ...plain, setCookie: 'a=b' }]
  for (const now of [0, 5_000])
    for (const shape of shapes) {
      const response = answer.response(shape, now)
      assert.equal(response.rest, answer.body)
      assert.match(response.first.toString(), /\r\nContent-Length: 100000\r\n[^]*\r\n\r\n$/)
      assert.equal(response.length, response.first.length + 100_000)
    }
  assert.equal(answer.response({ ...plain, headOnly: true }, 0).rest, undefined)
})

test('a compressed playlist is one piece at first, and its body is never copied', () => {
  const lines = Array.from({ length: 4_000 }, (_, index) => `#EXTINF:2.000,\nseg-${(index * 2_654_435_761) % 1e9}.m4s`)
  const answer = new Answer({
    status: 200,
    contentType: 'application/vnd.apple.mpegurl',
    cacheControl: 'public, max-age=9',
    body: Buffer.from(lines.join('\n')),
    storedAt: 0,
  })
  const gzip = { ...plain, gzip: true }
  const [fresh, old, older] = [0, 1_000, 2_000].map((now) => answer.response(gzip, now))
  assert.equal(fresh?.rest, undefined)
  assert.ok(old?.rest !== undefined && old.rest === older?.rest)
  assert.equal(old.rest.buffer, fresh?.first.buffer)
  assert.ok(fresh !== undefined && answer.mostBytes >= answer.body.length + fresh.length)
})

test('a response with a cookie is for its viewer alone, and scripts of other pages may read what a player needs', () => {
  const response = text(answerOf('x', 'public, s-maxage=9, max-age=60').response({ ...plain, setCookie: 'a=b' }, 0))
  assert.match(response, /\r\nCache-Control: private, max-age=60\r\n/)
  for (const each of [response, text(refusal(404, 'a', 'b').response(plain, 0))]) {
    assert.match(each, /\r\nAccess-Control-Expose-Headers: Age, Content-Length, Date, Retry-After\r\n/)
    assert.match(each, /\r\nTiming-Allow-Origin: \*\r\n/)
  }
})

test('only successes that allow it are kept, as long as they allow', () => {
  assert.equal(answerOf('x', 'public, max-age=24').maxAgeSeconds, 24)
  assert.equal(answerOf('x', 's-maxage=9').maxAgeSeconds, 0)
  assert.equal(answerOf('x', 'private, max-age=24').maxAgeSeconds, 0)
  assert.equal(refusal(404, 'a', 'b').maxAgeSeconds, 0)
})

test('the cache keeps what is used within its bytes, and nothing beyond its time', () => {
  const cache = new AnswerCache({ maxBytes: 5_500 })
  for (const key of ['a', 'b', 'c']) cache.set(key, answerOf(key), 100)
  assert.equal(cache.get('a', 0)?.body.toString(), 'a')
  cache.set('d', answerOf('d'), 100)
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => cache.get(key, 0)?.body.toString()),
    ['a', undefined, 'c', 'd'],
  )
  assert.ok(cache.bytes <= 5_500)
  assert.equal(cache.get('a', 100), undefined)
  cache.set('huge', answerOf('x'.repeat(6_000)), 100)
  assert.equal(cache.get('huge', 0), undefined)
})
