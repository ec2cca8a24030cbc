import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BadRequestError, parseFields, parseRequestLine } from './request-head.ts'

test('a request line is a method, a target and HTTP/1.1', () => {
  assert.deepEqual(parseRequestLine('GET /hls/b-1/index.m3u8?a=b HTTP/1.1'), {
    method: 'GET',
    target: '/hls/b-1/index.m3u8?a=b',
    isOld: false,
  })
})

test('any other request line is refused', () => {
  for (const [line, status] of [
    ['', 400],
    ['GET /', 400],
    ['GET  / HTTP/1.1', 400],
    ['get / HTTP/1.1', 400],
    ['GET /a b HTTP/1.1', 400],
    ['HEAD /\u0000 HTTP/1.1', 400],
    ['GET / HTTP/1.2', 505],
    ['GET / HTTP/2.0', 505],
  ] as const) {
    assert.throws(
      () => parseRequestLine(line),
      (error) => error instanceof BadRequestError && error.status === status,
      line,
    )
  }
})

test('fields are read whatever their case and space', () => {
  const fields = parseFields(
    'HOST:x\r\nAccept-Encoding: deflate, GZIP\r\ncookie:  a=b; c=d \r\nX-Forwarded-Proto: HTTPS\r\nConnection: Close',
  )
  assert.deepEqual(fields, {
    keepAlive: false,
    takesGzip: true,
    cookie: 'a=b; c=d',
    forwardedFor: undefined,
    isCounted: false,
    secure: true,
  })
  assert.equal(parseFields('Host: x\r\nAccept-Encoding: gzip;q=0, br').takesGzip, false)
  assert.equal(parseFields('Host: x').keepAlive, true)
})

test('forwarded addresses are kept whole, of the last field', () => {
  assert.equal(parseFields('Host: x\r\nX-Forwarded-For: 1.1.1.1, 3.3.3.3').forwardedFor, '1.1.1.1, 3.3.3.3')
  assert.equal(parseFields('Host: x\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 3.3.3.3').forwardedFor, '3.3.3.3')
})

test('whatever could be read in two ways is refused', () => {
  for (const [block, status] of [
    ['Host: x\nTransfer-Encoding: chunked', 400],
    ['Host: x\r\nA: b\rTransfer-Encoding: chunked', 400],
    ['Host: x\r\nTransfer-Encoding: chunked', 413],
    ['Host: x\r\nContent-Length: 5', 413],
    ['Host: x\r\nContent-Length: +0', 413],
    ['Host : x', 400],
    ['Host: x\r\n folded', 400],
    ['Host: x\r\nHost: y', 400],
    ['A: b', 400],
    ['', 400],
    ['Host: x\r\nA\u0000: b', 400],
    ['Host: x\r\nA: b\u0000', 400],
  ] as const) {
    assert.throws(
      () => parseFields(block),
      (error) => error instanceof BadRequestError && error.status === status,
      block,
    )
  }
})

test('HTTP/1.0 is understood: no Host needed, and the connection is not kept', () => {
  assert.equal(parseRequestLine('GET / HTTP/1.0').isOld, true)
  assert.equal(parseFields('Connection: keep-alive', true).keepAlive, false)
})
