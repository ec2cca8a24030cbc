import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testDatabase } from './database.ts'
import { alterationsOf } from './schema-locks.ts'

const { db } = await testDatabase()

test('each change of a table is judged by what it costs those who write', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-migrations-'))
  t.after(() => rm(folder, { recursive: true }))
  const migration = (...statements: string[]) =>
    `export async function up(db) {\n${statements.map((sql) => `  await db.raw(${JSON.stringify(sql)})`).join('\n')}\n}\n`
  const create = "CREATE TABLE things (id INT PRIMARY KEY, state ENUM('A', 'B') NOT NULL, size VARCHAR(16) NOT NULL)"
  await writeFile(join(folder, '0001_things.ts'), migration(create))
  await writeFile(
    join(folder, '0002_changes.ts'),
    migration(
      "ALTER TABLE things MODIFY state ENUM('A', 'B', 'C') NOT NULL",
      'ALTER TABLE things ADD KEY by_size (size)',
      'ALTER TABLE things DROP PRIMARY KEY, ADD PRIMARY KEY (size, id)',
      'ALTER TABLE things MODIFY size INT NOT NULL',
    ),
  )
  const found = await alterationsOf(db, folder)
  assert.deepEqual(
    found.map(({ migration, table, way }) => [migration, table, way]),
    ['INSTANT', 'NOCOPY', 'INPLACE', 'LOCKS'].map((way) => ['0002_changes.ts', 'things', way]),
  )
})
