/**
 * What a migration costs those who use a table meanwhile: whether MariaDB changes it in an instant, reads it while others write
 * (`NOCOPY`: an index is made; `INPLACE`: all of it is written anew), or keeps writers out, copying it row by row.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Knex } from 'knex'

const ways = {
  INSTANT: 'ALGORITHM=INSTANT',
  NOCOPY: 'ALGORITHM=NOCOPY, LOCK=NONE',
  INPLACE: 'ALGORITHM=INPLACE, LOCK=NONE',
  LOCKS: 'ALGORITHM=COPY, LOCK=SHARED',
} as const

/** The cheapest way in which MariaDB makes a change. */
export type Way = keyof typeof ways

/** One `ALTER TABLE` of a migration, of a table that was there before it. */
export interface Alteration {
  migration: string
  table: string
  way: Way
}

/** Runs the migrations of a directory one after the other, each change in the cheapest way there is, on an empty database. */
export async function alterationsOf(db: Knex, directory: string): Promise<Alteration[]> {
  const found: Alteration[] = []
  for (const migration of (await readdir(directory)).filter((name) => name.endsWith('.ts')).sort()) {
    const { up } = (await import(pathToFileURL(join(directory, migration)).href)) as { up: (db: Knex) => Promise<void> }
    const [rows] = (await db.raw('SHOW TABLES')) as [Record<string, string>[]]
    const known = new Set(rows.flatMap((row) => Object.values(row)))
    await up(
      watched(db, (alteration) => {
        if (known.has(alteration.table)) found.push({ migration, ...alteration })
      }),
    )
  }
  return found
}

// The same database, but that each ALTER TABLE is tried in the cheapest way first.
function watched(db: Knex, found: (alteration: Omit<Alteration, 'migration'>) => void): Knex {
  const raw = (sql: string, values?: readonly unknown[]) => {
    const table = /^\s*ALTER TABLE (\w+)/i.exec(sql)?.[1]
    if (table === undefined) return values === undefined ? db.raw(sql) : db.raw(sql, values as never)
    return alter(db, sql).then((way) => found({ table, way }))
  }
  return new Proxy(db, {
    get: (target, key) => (key === 'raw' ? raw : (Reflect.get(target, key) as unknown)),
    apply: (target, _this, [table]: [string]) => target(table),
  })
}

async function alter(db: Knex, sql: string): Promise<Way> {
  const names = Object.keys(ways) as Way[]
  const stated = names.find((way) => new RegExp(`ALGORITHM=${way}\\b`).test(sql))
  if (stated !== undefined) return await db.raw(sql).then(() => stated)
  for (const way of names) {
    try {
      await db.raw(`${sql}, ${ways[way]}`)
      return way
    } catch (error) {
      if (way === 'LOCKS' || !/ER_ALTER_OPERATION_NOT_SUPPORTED/.test(String((error as { code?: string }).code)))
        throw error
    }
  }
  throw new Error('the last way throws, or it is one')
}
