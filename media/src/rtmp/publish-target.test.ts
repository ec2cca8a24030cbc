import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appOf, publishTarget } from './publish-target.ts'

const key = 'mtk_abc234'

test('however the fields are filled in, the key is the key', () => {
  for (const [app, name] of [
    ['live', key],
    ['live/', key],
    ['/live', `/${key}`],
    ['live//', `${key}/`],
    ['live/', `live/${key}`],
    ['live', `/live/${key}`],
    [`live/${key}`, ''],
    ['', `live/${key}`],
    ['live?token=1', key],
    ['live/_definst_', key],
    ['live', `rtmp://ingest.example:1935/live/${key}`],
    ['live', `rtmps://ingest.example/live/${key} `],
  ] as const) {
    assert.deepEqual(publishTarget(app, name), { app: 'live', streamName: key, query: '' }, `${app} and ${name}`)
  }
})

test('blanks around a key are nobody’s, plain or percent-encoded, before a query and behind it', () => {
  for (const name of [
    ` ${key}`,
    `${key} `,
    `${key}\r\n`,
    `\t${key}\u00a0`,
    `\ufeff${key}\u200b`,
    `${key}\u0000`,
    `%20${key}%20%20`,
    `${key}%0D%0a`,
    `${key}%C2%A0`,
  ]) {
    assert.equal(publishTarget('live', name)?.streamName, key, JSON.stringify(name))
  }
  assert.deepEqual(publishTarget('live ', ` ${key} ?a=b c=?d\n`), { app: 'live', streamName: key, query: 'a=b c=?d' })
  assert.deepEqual(publishTarget('live', `${key}%20?a=b%20`)?.query, 'a=b')
})

test('a key keeps what is inside of it, and there must be one', () => {
  assert.equal(publishTarget('live', 'two words')?.streamName, 'two words')
  assert.equal(publishTarget('live', 'a%20b%2Fc')?.streamName, 'a%20b%2Fc')
  assert.equal(publishTarget('live', 'a/b')?.streamName, 'a/b')
  assert.equal(publishTarget('live', 'live')?.streamName, 'live')
  assert.deepEqual(
    [publishTarget('live', ''), publishTarget('live', ' /%20?x'), publishTarget('', key), publishTarget('', '')],
    [undefined, undefined, undefined, undefined],
  )
})

test('the application in a tcUrl', () => {
  assert.equal(appOf('rtmp://ingest.example:1935/live/x?y'), 'live/x?y')
  assert.equal(appOf('RTMPS://[::1]:443//live'), 'live')
  assert.equal(appOf('not a url \u0000'), '')
})
