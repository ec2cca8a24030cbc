/** While a release is rolled out or back, the one before runs on the same schema. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '@mytaek1/platform/testing/database.ts'
import { breaksOfMigrations } from '@mytaek1/platform/testing/schema-growth.ts'
import { migrations } from './migrations.ts'

test('no migration takes from the release before what it reads or writes', async () => {
  const { db } = await testDatabase()
  assert.deepEqual(await breaksOfMigrations(db, migrations), new Map())
})
