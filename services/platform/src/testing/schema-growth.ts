/**
 * Whether the release before may run on a schema that was changed for this one: while a roll-out or a rollback goes on it
 * does. A migration adds (expand); what nobody needs any more goes in a later release (contract).
 */
import type { Knex } from 'knex'

/** What is looked at of a schema. Keys and checks by name; columns by `table.column`. */
export interface Schema {
  tables: Set<string>
  columns: Map<string, Column>
  uniqueKeys: Map<string, { table: string; columns: string[] }>
  foreignKeys: Map<string, { table: string; columns: string[] }>
  checks: Map<string, { table: string; clause: string }>
}

interface Column {
  type: string
  nullable: boolean
  /** Whether a row may be written without it. */
  optional: boolean
}

/** Reads the schema of a database, but for what migrations themselves are noted in. */
export async function readSchema(db: Knex): Promise<Schema> {
  const schema: Schema = {
    tables: new Set(),
    columns: new Map(),
    uniqueKeys: new Map(),
    foreignKeys: new Map(),
    checks: new Map(),
  }
  for (const row of await rowsOf(db, columnsQuery)) {
    schema.tables.add(row.table)
    const nullable = row.nullable === 'YES'
    const optional = nullable || row.value !== '' || /auto_increment|generated|virtual|stored/i.test(row.extra)
    schema.columns.set(`${row.table}.${row.column}`, { type: row.type, nullable, optional })
  }
  for (const row of await rowsOf(db, uniqueQuery)) add(schema.uniqueKeys, row)
  for (const row of await rowsOf(db, foreignQuery)) add(schema.foreignKeys, row)
  for (const row of await rowsOf(db, checksQuery)) {
    schema.checks.set(`${row.table}.${row.name}`, { table: row.table, clause: row.clause })
  }
  return schema
}

/** What of the release before would fail on the later schema, a line each; none: it runs. */
export function breaksOf(before: Schema, after: Schema): string[] {
  const breaks: string[] = []
  for (const table of before.tables) if (!after.tables.has(table)) breaks.push(`${table} is gone`)
  for (const [name, was] of before.columns) {
    const is = after.columns.get(name)
    const [table = ''] = name.split('.')
    if (is === undefined) {
      if (after.tables.has(table)) breaks.push(`${name} is gone`)
      continue
    }
    if (!holds(is.type, was.type)) breaks.push(`${name} was ${was.type} and is ${is.type}`)
    if (was.nullable && !is.nullable) breaks.push(`${name} must not be null any more`)
    else if (was.optional && !is.optional) breaks.push(`${name} has to be written now`)
  }
  const isOld = (table: string, column: string) => before.columns.has(`${table}.${column}`)
  for (const [name, { optional }] of after.columns) {
    const [table = '', column = ''] = name.split('.')
    if (before.tables.has(table) && !isOld(table, column) && !optional) breaks.push(`${name} has to be written`)
  }
  for (const [name, { table, columns }] of after.uniqueKeys) {
    // what the release before leaves null is equal to nothing
    const isFree = columns.some((each) => !isOld(table, each) && after.columns.get(`${table}.${each}`)?.nullable)
    if (before.tables.has(table) && !before.uniqueKeys.has(name) && !isFree) breaks.push(`${name} is to be unique`)
  }
  for (const [name, { table, columns }] of after.foreignKeys) {
    const isNew = before.tables.has(table) && !before.foreignKeys.has(name)
    if (isNew && columns.some((each) => isOld(table, each))) breaks.push(`${name} is to refer to a row`)
  }
  for (const [name, { table, clause }] of after.checks) {
    const isNew = before.tables.has(table) && before.checks.get(name)?.clause !== clause
    const named = [...clause.matchAll(/`(\w+)`/g)].map(([, column = '']) => column)
    if (isNew && named.some((each) => isOld(table, each))) breaks.push(`${name} is to hold: ${clause}`)
  }
  return breaks
}

/**
 * Runs the migrations of a directory one after the other, on an empty database.
 *
 * @returns what each broke of the release before it, by the migration's name; those that broke nothing are left out.
 */
export async function breaksOfMigrations(db: Knex, directory: string): Promise<Map<string, string[]>> {
  const settings = { directory, loadExtensions: ['.ts'], disableMigrationsListValidation: true }
  const found = new Map<string, string[]>()
  let before = await readSchema(db)
  for (;;) {
    const [, [ran]] = (await db.migrate.up(settings)) as [number, string[]]
    if (ran === undefined) return found
    const after = await readSchema(db)
    const breaks = breaksOf(before, after)
    if (breaks.length > 0) found.set(ran.replace(/^.*\//, ''), breaks)
    before = after
  }
}

// Whether a column of this type takes and gives all that one of the type before did.
function holds(type: string, before: string): boolean {
  if (type === before) return true
  const [now, then] = [partsOf(type), partsOf(before)]
  if (now.name === 'enum' && then.name === 'enum') return then.values.every((value) => now.values.includes(value))
  const sizes = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint']
  if (sizes.includes(now.name) && sizes.includes(then.name)) {
    return sizes.indexOf(now.name) >= sizes.indexOf(then.name) && now.isUnsigned === then.isUnsigned
  }
  return now.name === then.name && now.isUnsigned === then.isUnsigned && now.length >= then.length
}

function partsOf(type: string) {
  const [, name = '', inside = ''] = /^(\w+)(?:\((.*)\))?/.exec(type) ?? []
  return { name, length: Number(inside) || 0, values: inside.split(','), isUnsigned: type.includes('unsigned') }
}

type Row = Record<'table' | 'column' | 'name' | 'type' | 'nullable' | 'value' | 'extra' | 'clause', string>

async function rowsOf(db: Knex, query: string): Promise<Row[]> {
  const [rows] = (await db.raw(query)) as [Row[]]
  return rows.filter(({ table }) => !table.startsWith('knex_migrations'))
}

function add(keys: Map<string, { table: string; columns: string[] }>, { table, name, column }: Row): void {
  const key = keys.get(`${table}.${name}`) ?? { table, columns: [] }
  key.columns.push(column)
  keys.set(`${table}.${name}`, key)
}

const columnsQuery = `SELECT TABLE_NAME AS 'table', COLUMN_NAME AS 'column', COLUMN_TYPE AS 'type', IS_NULLABLE AS nullable,
    COALESCE(COLUMN_DEFAULT, '') AS value, EXTRA AS extra
  FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()`
const uniqueQuery = `SELECT TABLE_NAME AS 'table', INDEX_NAME AS name, COLUMN_NAME AS 'column'
  FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX`
const foreignQuery = `SELECT TABLE_NAME AS 'table', CONSTRAINT_NAME AS name, COLUMN_NAME AS 'column'
  FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL`
const checksQuery = `SELECT TABLE_NAME AS 'table', CONSTRAINT_NAME AS name, CHECK_CLAUSE AS clause
  FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()`
