/** The guards of the engine, each of which can be taken out to show that the chaos run then fails: its teeth. */
import type { Knex } from 'knex'

/** Which guard is missing; `none`: the real engine; `lockOnly`: another engine that has none but the Redis lock. */
export type Mutation =
  | 'none'
  | 'rowLockedRead'
  | 'condition'
  | 'idempotencyKey'
  | 'uniqueLedgerRow'
  | 'holdLimit'
  | 'variantLimit'
  | 'couponCount'
  | 'couponReturn'
  | 'listOrder'
  | 'dealCount'
  | 'dealReturn'
  | 'lockOnly'

/** Every guard that is taken out in turn. */
export const teeth: readonly Mutation[] = [
  'rowLockedRead',
  'condition',
  'idempotencyKey',
  'uniqueLedgerRow',
  'holdLimit',
  'variantLimit',
  'couponCount',
  'couponReturn',
  'listOrder',
  'dealCount',
  'dealReturn',
  'lockOnly',
]

/** Takes the guard out of the schema. */
export async function mutateSchema(db: Knex, mutation: Mutation): Promise<void> {
  if (mutation === 'idempotencyKey') {
    // under its name, which statements name
    await db.raw(
      'ALTER TABLE orders DROP KEY one_order_per_request, ADD KEY one_order_per_request (buyer_id, request_id)',
    )
  }
  if (mutation === 'uniqueLedgerRow') {
    await db.raw('ALTER TABLE stock_ledger DROP PRIMARY KEY, ADD KEY by_order (product_id, order_id, kind)')
  }
  if (mutation === 'couponCount') await db.raw('ALTER TABLE coupons DROP CONSTRAINT used_at_most_total')
  if (mutation === 'dealCount') await db.raw('ALTER TABLE deals DROP CONSTRAINT taken_at_most_units')
  if (mutation === 'condition' || mutation === 'lockOnly') {
    await db.raw('ALTER TABLE product_stock DROP CONSTRAINT CONSTRAINT_1') // CHECK (stock >= 0)
  }
}

/** Takes the guard out of every statement that a pool sends from now on. */
export function mutateQueries(db: Knex, mutation: Mutation): void {
  if (rewriteFor(mutation, '') === undefined) return
  const acquire = db.client.acquireRawConnection.bind(db.client)
  db.client.acquireRawConnection = async () => {
    const connection = await acquire()
    const query = connection.query.bind(connection)
    connection.query = (first: string | { sql: string }, ...rest: unknown[]) => {
      if (typeof first === 'string') return query(rewriteFor(mutation, first) ?? first, ...rest)
      return query({ ...first, sql: rewriteFor(mutation, first.sql) ?? first.sql }, ...rest)
    }
    return connection
  }
}

/** The statement without its guard; undefined when the mutation changes no statements. */
export function rewriteFor(mutation: Mutation, sql: string): string | undefined {
  switch (mutation) {
    case 'rowLockedRead':
      return sql.includes('FROM product_stock') ? sql.replace(/\s+FOR UPDATE(?=$|; END$)/, '') : sql
    case 'condition':
      return sql
        .replace(/ AND stock >= -?\d+/, '')
        .replace(/ AND state IN \('RESERVED', 'RELEASED'\) AND claimed_at IS NULL/, '')
    case 'idempotencyKey':
      return sql.replace(/ON orders.buyer_id = asked.buyer AND orders.request_id = asked.request/, 'ON FALSE')
    case 'holdLimit': // nobody is seen to hold anything unpaid
      return sql.replace(/ AND id > 'o_\w+' AND state = 'RESERVED'/, ' AND FALSE')
    case 'variantLimit': // what is held of a variant does not count for the others
      return sql.replace(/ OR EXISTS \(SELECT 1 FROM product_stock AS variant.*?'\)/s, '')
    case 'couponCount': // its uses are counted as they were some time ago, and written down whatever is left
      return sql
        .replace(/(FROM coupons .*?)FOR UPDATE/s, '$1')
        .replace(/ AND \(total IS NULL OR used \+ \d+ <= total\)/g, '')
    case 'couponReturn': // each release gives a use back, whether the order has one still or not
      return sql.replace(/used = used - ROW_COUNT\(\)/, 'used = GREATEST(used, 1) - 1')
    case 'listOrder': // the last who came is offered first
      return sql.replace(/ORDER BY ticket LIMIT/, 'ORDER BY ticket DESC LIMIT')
    case 'dealCount': // what is left is what there was at first, and it is written down whatever is left
      return sql.replace('deals.units - taken AS', 'deals.units AS').replace(/ AND taken \+ \d+ <= units/g, '')
    case 'dealReturn': // each release gives a unit back, whether the order has one still or not
      return sql.replace(
        /taken - \(SELECT .*? FROM deal_uses WHERE .*?\), revision/s,
        'taken - LEAST(taken, 1), revision',
      )
    default:
      return undefined
  }
}
