/** What of a migration stops the release before: each kind is found, and what only adds is not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from './database.ts'
import { breaksOf, readSchema } from './schema-growth.ts'

const { db } = await testDatabase()
await db.raw('CREATE TABLE parents (id INT PRIMARY KEY)')

/** What a change of a small table breaks. */
async function brokenBy(...changes: string[]): Promise<string[]> {
  await db.raw('DROP TABLE IF EXISTS things, renamed, others')
  await db.raw(`CREATE TABLE things (
    id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, note TEXT NULL, parent INT NULL, kind ENUM('a', 'b') NOT NULL DEFAULT 'a')`)
  const before = await readSchema(db)
  for (const change of changes) await db.raw(change)
  return breaksOf(before, await readSchema(db))
}

test('a migration that only adds breaks nothing', async () => {
  const added = await brokenBy(
    'CREATE TABLE others (id INT PRIMARY KEY, code INT NOT NULL UNIQUE)',
    `ALTER TABLE things ADD COLUMN more INT NULL, ADD COLUMN count INT NOT NULL DEFAULT 0,
       ADD COLUMN twice INT GENERATED ALWAYS AS (id * 2) STORED, ADD KEY by_name (name), ADD UNIQUE KEY one_more (more, name),
       ADD COLUMN other INT NULL REFERENCES parents (id), ADD CHECK (more > 0)`,
    `ALTER TABLE things MODIFY name VARCHAR(40) NULL, MODIFY id BIGINT NOT NULL, MODIFY kind ENUM('a', 'b', 'c') NOT NULL DEFAULT 'a'`,
  )
  assert.deepEqual(added, [])
})

const breaking: readonly [change: string, found: RegExp][] = [
  ['DROP TABLE things', /things is gone/],
  ['RENAME TABLE things TO renamed', /things is gone/],
  ['ALTER TABLE things DROP COLUMN note', /things\.note is gone/],
  ['ALTER TABLE things RENAME COLUMN note TO remark', /things\.note is gone/],
  ['ALTER TABLE things ADD COLUMN must INT NOT NULL', /things\.must has to be written/],
  ['ALTER TABLE things MODIFY parent INT NOT NULL', /things\.parent must not be null/],
  ['ALTER TABLE things ALTER COLUMN kind DROP DEFAULT', /things\.kind has to be written/],
  ['ALTER TABLE things MODIFY name VARCHAR(10) NOT NULL', /things\.name was varchar\(20\)/],
  ["ALTER TABLE things MODIFY kind ENUM('a', 'c') NOT NULL DEFAULT 'a'", /things\.kind was enum/],
  ['ALTER TABLE things MODIFY parent INT UNSIGNED NULL', /things\.parent was int/],
  ['ALTER TABLE things ADD UNIQUE KEY one_name (name)', /one_name is to be unique/],
  ['ALTER TABLE things ADD FOREIGN KEY of_parent (parent) REFERENCES parents (id)', /is to refer to a row/],
  ["ALTER TABLE things ADD CONSTRAINT named CHECK (name <> '')", /named is to hold/],
]
for (const [change, found] of breaking) {
  test(`${change} would break the release before`, async () => {
    const [only, ...others] = await brokenBy(change)
    assert.match(only ?? 'nothing found', found)
    assert.deepEqual(others, [])
  })
}
