import type { Knex } from 'knex'
import { z } from 'zod'
import { categoryWithin } from '@mytaek1/contracts/categories.ts'
import { InvalidRequestError, UnavailableError } from '@mytaek1/platform/errors.ts'
import { Product } from './product.ts'
import { wantedOf, type GramRange } from './search-text.ts'

const deadlineSeconds = 1
const countedMost = 2_000
const comparedMost = 20_000
const timedOut = 1969 // ER_STATEMENT_TIMEOUT

/** How what is found is ordered; prices within a currency. */
export const productSorts = Object.freeze(['newest', 'cheapest', 'dearest'] as const)
export type ProductSort = (typeof productSorts)[number]

type Value = string | number

/** What is looked for. */
export interface ProductSearch {
  /** As `queryWordsOf` has them; undefined: all. */
  words: readonly string[] | undefined
  category: string | undefined
  sellerId: string | undefined
  withUnlisted: boolean
  sort: ProductSort
}

/**
 * One page of the products that have all words in their names. Ids sort by their time, so the newest are found first, and
 * reading ends with the page.
 *
 * What is read is the rows of the rarest gram, at most; never the table. Ordered by price it is the 20,000 newest of them, unless
 * a seller or a category is asked for. A search that takes longer than a second is ended.
 *
 * @throws {UnavailableError} `busy`: it was ended.
 */
export async function searchProducts(
  db: Knex,
  search: ProductSearch,
  page: { limit: number; cursor?: string },
): Promise<{ items: Product[]; nextCursor: string | null }> {
  const { sql, values } = await statementOf(db, search, page)
  if (sql === undefined) return { items: [], nextCursor: null }
  const rows = await bounded<Record<string, unknown>>(db, sql, values)
  const found = rows.map((row) => Product.fromDatabaseJson(row))
  const items = found.slice(0, page.limit)
  const lastItem = items.at(-1)
  const nextCursor = found.length > page.limit && lastItem !== undefined ? cursorOf(lastItem) : null
  return { items, nextCursor }
}

/** The statement of a search; without one nothing can be found. Of its own, so that its plan can be looked at. */
export async function statementOf(
  db: Knex,
  search: ProductSearch,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<{ sql: string | undefined; values: Value[] }> {
  const conditions: string[] = []
  const values: Value[] = []
  const where = (condition: string, ...bound: Value[]) => {
    conditions.push(condition)
    values.push(...bound)
  }
  let from = 'products p'
  if (search.words !== undefined) {
    const { patterns, lookups } = wantedOf(search.words)
    const ranges = await rarestOf(db, lookups)
    if (ranges === undefined) return { sql: undefined, values }
    const grams = conditionOf(ranges)
    const isOne = ranges.length === 1 && ranges[0]?.from === ranges[0]?.to
    // a price can only be compared once all are read; of what a letter or two finds, the newest are
    const isBroad = search.sort !== 'newest' && search.sellerId === undefined && search.category === undefined
    const most = isBroad ? ` ORDER BY product_id DESC LIMIT ${comparedMost}` : ''
    const isWalked = isOne && !isBroad
    // several grams may name a product several times
    const found = `SELECT ${isOne ? '' : 'DISTINCT '}product_id FROM product_grams WHERE ${grams.sql}${most}`
    const source = isWalked ? 'product_grams g' : `(${found}) g`
    from = `${source} STRAIGHT_JOIN product_search s ON s.product_id = g.product_id
      STRAIGHT_JOIN products p ON p.id = g.product_id`
    if (isWalked) where(grams.sql, ...grams.values)
    else values.push(...grams.values)
    for (const pattern of patterns) where('s.text REGEXP ?', pattern)
  }
  where('p.variant_of IS NULL')
  if (!search.withUnlisted) where('p.listed')
  if (search.sellerId !== undefined) where('p.seller_id = ?', search.sellerId)
  if (search.category !== undefined) {
    const within = categoryWithin(search.category)
    where(`p.category IN (${within.map(() => '?').join(', ')})`, ...within)
  }
  const id = search.words === undefined ? 'p.id' : 'g.product_id'
  const position = cursor === undefined ? undefined : positionIn(cursor)
  if (position !== undefined) {
    const { currency, amount } = position
    if (search.sort === 'newest') where(`${id} < ?`, position.id)
    else {
      const than = search.sort === 'cheapest' ? '>' : '<'
      where(`(p.price_currency, p.price_amount, p.id) ${than} (?, ?, ?)`, currency, amount, position.id)
    }
  }
  const direction = search.sort === 'cheapest' ? 'ASC' : 'DESC'
  const order =
    search.sort === 'newest'
      ? `${id} DESC`
      : `p.price_currency ${direction}, p.price_amount ${direction}, p.id ${direction}`
  values.push(limit + 1)
  const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  return { sql: `SELECT p.* FROM ${from} ${filter} ORDER BY ${order} LIMIT ?`, values }
}

/** The lookup with the fewest rows, as far as they are counted; undefined: one has none, so nothing has all. */
async function rarestOf(db: Knex, lookups: readonly GramRange[][]): Promise<GramRange[] | undefined> {
  if (lookups.length < 2) return lookups[0]
  const counts = lookups.map(conditionOf).map(({ sql, values }, nth) => ({
    sql: `SELECT ${nth} AS nth, COUNT(*) AS found FROM (SELECT 1 FROM product_grams WHERE ${sql} LIMIT ${countedMost}) counted`,
    values,
  }))
  const counted = await bounded<{ nth: number; found: number }>(
    db,
    counts.map(({ sql }) => sql).join(' UNION ALL '),
    counts.flatMap(({ values }) => values),
  )
  const [rarest] = counted.toSorted((one, other) => one.found - other.found || one.nth - other.nth)
  return rarest === undefined || rarest.found === 0 ? undefined : lookups[rarest.nth]
}

function conditionOf(ranges: readonly GramRange[]): { sql: string; values: string[] } {
  const parts = ranges.map(({ from, to }) =>
    from === to ? { sql: 'gram = ?', values: [from] } : { sql: 'gram BETWEEN ? AND ?', values: [from, to] },
  )
  return {
    sql: parts.length === 1 ? (parts[0]?.sql ?? '') : `(${parts.map(({ sql }) => sql).join(' OR ')})`,
    values: parts.flatMap(({ values }) => values),
  }
}

async function bounded<Row>(db: Knex, sql: string, values: readonly Value[]): Promise<Row[]> {
  try {
    const [rows] = (await db.raw(`SET STATEMENT max_statement_time = ${deadlineSeconds} FOR ${sql}`, [...values])) as [
      Row[],
    ]
    return rows
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error && error.errno === timedOut)) throw error
    throw new UnavailableError('The search took too long; look for more letters', {
      code: 'busy',
      retryAfterSeconds: 1,
      cause: error,
    })
  }
}

const positionShape = z.tuple([
  z.string().regex(/^[A-Z]{3}$/),
  z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  z.string().regex(/^[\w-]{1,40}$/),
])

const cursorOf = ({ priceCurrency, priceAmount, id }: Product) =>
  Buffer.from(JSON.stringify([priceCurrency, priceAmount, id])).toString('base64url')

function positionIn(cursor: string): { currency: string; amount: number; id: string } {
  try {
    const [currency, amount, id] = positionShape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return { currency, amount, id }
  } catch {
    throw new InvalidRequestError('The cursor is not one that this list gave', [
      { path: 'cursor', message: 'unknown cursor' },
    ])
  }
}
