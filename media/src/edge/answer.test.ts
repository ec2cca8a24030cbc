import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Answer, refusal } from './answer.ts'
import { AnswerCache } from './answer-cache.ts'

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
  assert.doesNotMatch(fresh.toString(), /Age/)
  assert.match(answer.response(plain, 2_500).toString(), /\r\nAge: 2\r\n/)
  assert.match(fresh.toString(), /^HTTP\/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n/)
})

test('what is for one viewer only is not what the others get', () => {
  const answer = answerOf('x')
  assert.match(answer.response({ ...plain, setCookie: 'a=b' }, 0).toString(), /Set-Cookie: a=b/)
  assert.match(answer.response({ ...plain, close: true }, 0).toString(), /Connection: close/)
  assert.match(answer.response({ ...plain, headOnly: true }, 0).toString(), /Content-Length: 1\r\n[^]*\r\n\r\n$/)
  assert.doesNotMatch(answer.response(plain, 0).toString(), /Set-Cookie|Connection/)
})

test('a head goes into the room before its body once, and whoever still sends that response sends it unchanged', () => {
  const whole = Buffer.from(`${' '.repeat(512)}body`)
  const facts = { status: 200, contentType: 'video/mp4', cacheControl: 'max-age=9', date: new Date(0), storedAt: 0 }
  const answer = new Answer({ ...facts, body: whole.subarray(512), whole })
  const first = answer.response(plain, 0)
  assert.equal(first.buffer, whole.buffer)
  const sent = first.toString()
  assert.match(sent, /^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\nbody$/)
  assert.match(answer.response(plain, 7_000).toString(), /\r\nAge: 7\r\n\r\nbody$/)
  assert.equal(first.toString(), sent)
  const crowded = new Answer({ ...facts, body: whole.subarray(512), whole: whole.subarray(500) })
  assert.match(crowded.response(plain, 0).toString(), /^HTTP[^]*\r\n\r\nbody$/)
})

test('only successes that allow it are kept, as long as they allow', () => {
  assert.equal(answerOf('x', 'public, max-age=24').maxAgeSeconds, 24)
  assert.equal(answerOf('x', 's-maxage=9').maxAgeSeconds, 0)
  assert.equal(answerOf('x', 'private, max-age=24').maxAgeSeconds, 0)
  assert.equal(refusal(404, 'a', 'b').maxAgeSeconds, 0)
})

test('the cache keeps what is used within its bytes, and nothing beyond its time', () => {
  const cache = new AnswerCache({ maxBytes: 3_500 })
  for (const key of ['a', 'b', 'c']) cache.set(key, answerOf(key), 100)
  assert.equal(cache.get('a', 0)?.body.toString(), 'a')
  cache.set('d', answerOf('d'), 100)
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => cache.get(key, 0)?.body.toString()),
    ['a', undefined, 'c', 'd'],
  )
  assert.ok(cache.bytes <= 3_500)
  assert.equal(cache.get('a', 100), undefined)
  cache.set('huge', answerOf('x'.repeat(5_000)), 100)
  assert.equal(cache.get('huge', 0), undefined)
})
