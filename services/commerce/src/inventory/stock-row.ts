import type { Query } from '@mytaek1/platform/mysql-session.ts'
import type { HoldLimits } from './hold-limits.ts'

/** The stock after a change; a higher version is newer. */
export interface StockChange {
  productId: string
  stock: number
  version: number
}

/** The stock row as it is while its lock is held. `forSale` is undefined when the product is not listed. */
export interface LockedStock extends StockChange {
  limitPerBuyer: number | null
  /** The product's own, where it has any. */
  holdLimits: Partial<HoldLimits>
  forSale: { unitAmount: number; currency: string; revision: number } | undefined
  now: number // Unix milliseconds of the database's clock
}

/** The locked stock row of a product that is listed. */
export type StockForSale = LockedStock & { forSale: NonNullable<LockedStock['forSale']> }

/**
 * Locks a product's stock row to the end of the transaction and reads it, its price and the time inside that lock.
 *
 * @returns undefined when the product has no stock row.
 */
export async function lockStock(query: Query, productId: string): Promise<LockedStock | undefined> {
  // SYSDATE, unlike NOW, is the time after the wait for the lock; the product is read by subquery, so that its row is not locked: sellers edit it meanwhile
  const { rows } = await query(
    `SELECT stock, version, limit_per_buyer, unpaid_units_per_buyer, unpaid_orders_per_buyer, ROUND(UNIX_TIMESTAMP(SYSDATE(3)) * 1000) AS now,
       (SELECT CONCAT_WS(' ', price_currency, price_amount, revision) FROM products WHERE id = '${productId}' AND listed) AS price
     FROM product_stock WHERE product_id = '${productId}' FOR UPDATE`,
  )
  const [row] = rows
  if (!row) return undefined
  const [currency = '', amount, revision] = typeof row.price === 'string' ? row.price.split(' ') : [] // e.g. KRW 12900 1
  return {
    productId,
    stock: Number(row.stock),
    version: Number(row.version),
    limitPerBuyer: row.limit_per_buyer === null ? null : Number(row.limit_per_buyer),
    holdLimits: {
      ...(row.unpaid_units_per_buyer !== null && { units: Number(row.unpaid_units_per_buyer) }),
      ...(row.unpaid_orders_per_buyer !== null && { orders: Number(row.unpaid_orders_per_buyer) }),
    },
    forSale: amount === undefined ? undefined : { currency, unitAmount: Number(amount), revision: Number(revision) },
    now: Number(row.now),
  }
}

/**
 * Changes the stock by `delta` units, on the condition that as many are there, notes the change as an event and runs the
 * statements that go with it: all in one compound statement, so in one round trip, and none after one that fails.
 *
 * @param options.commits this is the last thing that the transaction does: it commits in the same round trip
 * @throws an error of `isContention`: the condition failed although `seen` said otherwise, that is, the row changed under
 *   a lock that should have kept everybody out; 1020 is MariaDB's own "record has changed since last read".
 */
export async function recordChange(
  query: Query,
  seen: StockChange,
  delta: number,
  further: readonly string[] = [],
  { commits = false }: { commits?: boolean } = {},
): Promise<StockChange> {
  const { productId } = seen
  const change = { productId, stock: seen.stock + delta, version: seen.version + 1 }
  await query(
    `BEGIN NOT ATOMIC
      UPDATE product_stock SET stock = stock + ${delta}, version = version + 1
       WHERE product_id = '${productId}' AND stock >= ${-delta};
      IF ROW_COUNT() <> 1 THEN
        SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1020, MESSAGE_TEXT = '${productId} has less than ${-delta} units left';
      END IF;
      INSERT INTO stock_events (product_id, version, stock, delta, at)
        VALUES ('${productId}', ${change.version}, ${change.stock}, ${delta}, UTC_TIMESTAMP(3));
      ${further.map((statement) => `${statement};`).join('\n')}
    ${commits ? 'COMMIT; END' : 'END'}`,
    { commits },
  )
  return change
}
