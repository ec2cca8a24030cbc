import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from './logger.ts'

function capture() {
  const lines: string[] = []
  const log = createLogger({ service: 'test', level: 'info' }, { write: (line) => void lines.push(line) })
  return {
    log,
    entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    raw: () => lines.join(''),
  }
}

test('an event is one JSON line with its name, level, service and facts; lower levels are left out', () => {
  const { log, entries } = capture()
  log.debug('hidden')
  log.child({ broadcastId: 'b-1' }).info('stream.live', { latencyMs: 12 })
  const [entry] = entries()
  assert.equal(entries().length, 1)
  assert.deepEqual(
    [entry?.event, entry?.level, entry?.service, entry?.broadcastId, entry?.latencyMs],
    ['stream.live', 'info', 'test', 'b-1', 12],
  )
})

test('fields that hold secrets are censored, also one and two levels down', () => {
  const { log, raw } = capture()
  log.info('x', { streamKey: 'k-1', request: { authorization: 'k-2', headers: { cookie: 'k-3' } }, cvc: 'k-4' })
  assert.doesNotMatch(raw(), /k-\d/)
})

test('an SQL error is logged by its code and message, without the statement and its values', () => {
  const { log, raw, entries } = capture()
  const error = Object.assign(new Error("insert into `t` values ('hunter2') - Duplicate entry"), {
    code: 'ER_DUP_ENTRY',
    sql: "insert into `t` values ('hunter2')",
    sqlMessage: 'Duplicate entry for key t.email',
  })
  log.error('db.failed', { error: new Error('sign-up failed', { cause: error }) })
  assert.doesNotMatch(raw(), /hunter2/)
  assert.match(JSON.stringify(entries()[0]?.error), /ER_DUP_ENTRY/)
})
