/** While a release is rolled out or back, the one before runs on the same schema, and writes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '@mytaek1/platform/testing/database.ts'
import { breaksOfMigrations } from '@mytaek1/platform/testing/schema-growth.ts'
import { alterationsOf } from '@mytaek1/platform/testing/schema-locks.ts'
import { migrations } from './migrations.ts'

const [own, judged] = [await testDatabase(), await testDatabase()]

test('no migration takes from the release before what it reads or writes', async () => {
  assert.deepEqual(await breaksOfMigrations(own.db, migrations), new Map())
})

test('no migration keeps anybody from writing while it changes a table', async () => {
  const found = await alterationsOf(judged.db, migrations)
  assert.ok(found.length > 5)
  assert.deepEqual(
    found.filter(({ way }) => way === 'LOCKS'),
    [],
  )
})
