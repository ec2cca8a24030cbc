/** Transactions in one round trip, on MariaDB. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDuplicateKey } from './mysql.ts'
import { currencyType, idType, inOneTrip, isRefusedHere, literals, matched, tableOf, unless } from './mysql-trip.ts'
import { testDatabase } from './testing/database.ts'

const { db } = await testDatabase()
await db.raw(`CREATE TABLE deeds (id ${idType} PRIMARY KEY, note TEXT NULL, at DATETIME(3) NULL, currency CHAR(3) NULL)
  CHARACTER SET utf8mb4`)
const ids = async () => (await db('deeds').orderBy('id').select('id')).map((row: { id: string }) => row.id)
const insert = (...names: string[]) =>
  `INSERT INTO deeds (id) VALUES ${names.map((name) => literals([name])).join(',')}`

test('all of its statements are committed, and what it selects is answered', async () => {
  const { rows } = await inOneTrip(db, [insert('a1', 'a2'), unless(matched(2)), 'SELECT COUNT(*) AS n FROM deeds'])
  assert.deepEqual(rows, [{ n: 2 }])
  assert.deepEqual(await ids(), ['a1', 'a2'])
})

test('a condition that does not hold, and a statement that fails, leave nothing behind', async () => {
  const refused = inOneTrip(db, [insert('b1'), `UPDATE deeds SET note = '' WHERE id = 'none'`, unless(matched(1))])
  await assert.rejects(refused, isRefusedHere)
  const failed = inOneTrip(db, [insert('b2'), insert('a1')])
  await assert.rejects(failed, (error) => isDuplicateKey(error) && !isRefusedHere(error))
  assert.deepEqual(await ids(), ['a1', 'a2'])
})

test('rows that a statement changes to what they were count as matched', async () => {
  const again = () => inOneTrip(db, [`UPDATE deeds SET note = 'x' WHERE id IN ('a1', 'a2')`, unless(matched(2))])
  await again()
  await again()
})

test('values come through as they are, in rows and as a table', async () => {
  const at = new Date('2026-11-29T21:00:00.123Z')
  const note = `it's 100 % "fine" \\ ? :name; COMMIT -- 라이브\n🙂`
  await inOneTrip(db, [`INSERT INTO deeds (id, note, at) VALUES ${literals(['c1', note, at])}`])
  const columns = { id: idType, note: 'TEXT CHARACTER SET utf8mb4', currency: currencyType }
  const rows = [
    ['c1', note, 'KRW'],
    ['c2', note, null],
  ]
  const { rows: found } = await inOneTrip(db, [
    `INSERT INTO deeds (id) VALUES ${literals(['c2'])}`,
    `UPDATE ${tableOf('told', columns, rows)} STRAIGHT_JOIN deeds ON deeds.id = told.id
        SET deeds.note = told.note, deeds.currency = told.currency`,
    unless(matched(2)),
    `SELECT id, note, at, currency FROM deeds WHERE id IN ('c1', 'c2') ORDER BY id`,
  ])
  assert.deepEqual(found, [
    { id: 'c1', note, at, currency: 'KRW' },
    { id: 'c2', note, at: null, currency: null },
  ])
})
