import type { Knex } from 'knex'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** Where this service's migrations are, for `migrate` of platform/mysql.ts. */
export const migrations = fileURLToPath(new URL('../migrations', import.meta.url))

/** Whether every migration that this version knows has run; newer ones may have too. For readiness. */
export async function schemaIsCurrent(db: Knex): Promise<boolean> {
  const known = (await readdir(migrations)).filter((name) => name.endsWith('.ts'))
  const ran = await db('knex_migrations').whereIn('name', known).count<{ ran: number }[]>({ ran: '*' })
  return ran[0]?.ran === known.length
}
