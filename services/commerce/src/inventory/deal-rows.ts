/**
 * Deals inside the transactions that sell and release. Who takes of a deal has its product's stock row locked; the deal's own
 * row is locked after all stock rows and coupons, in order of ids. Of a product without a running deal nothing is asked here.
 */
import type { Query, Row } from '@mytaek1/platform/mysql-session.ts'
import type { DealSeen } from './deal.ts'
import type { LockedStock } from './stock-row.ts'

/** What an order has of a deal. */
export interface DealUse {
  dealId: string
  buyerId: string
  orderId: string
  units: number
}

/**
 * The deals of products whose stock rows are locked, with what these buyers have of them. Their own rows are locked by nobody:
 * nobody else takes of them meanwhile, and what is given back meanwhile is there for the next.
 */
export async function readDeals(
  query: Query,
  stocks: readonly Pick<LockedStock, 'dealId'>[],
  requests: readonly { buyerId: string }[],
): Promise<DealSeen[]> {
  const ids = stocks.flatMap(({ dealId }) => (dealId === undefined ? [] : [dealId]))
  if (ids.length === 0) return []
  const { rows } = await query(
    `SELECT id, product_id, off_amount, currency, deals.units - taken AS units_left, units_per_buyer, buyer_id,
       deal_uses.units AS used
       FROM deals LEFT JOIN deal_uses ON deal_id = id AND units_per_buyer IS NOT NULL
         AND buyer_id IN (${listOf(requests.map(({ buyerId }) => buyerId))})
      WHERE id IN (${listOf(ids)})`,
  )
  return [...Map.groupBy(rows, ({ id }) => String(id)).values()].map(toDeal)
}

function toDeal(rows: readonly Row[]): DealSeen {
  const [first = {}] = rows
  const usedBy = new Map<string, number>()
  for (const { buyer_id: buyerId, used } of rows) {
    if (typeof buyerId === 'string') usedBy.set(buyerId, (usedBy.get(buyerId) ?? 0) + Number(used))
  }
  return {
    id: String(first.id),
    productId: String(first.product_id),
    offAmount: Number(first.off_amount),
    currency: String(first.currency),
    left: Number(first.units_left),
    unitsPerBuyer: first.units_per_buyer === null ? null : Number(first.units_per_buyer),
    usedBy,
  }
}

/** The statements that count what orders take of deals, on the condition that as many units are left. */
export function takeStatements(uses: readonly Pick<DealUse, 'dealId' | 'units'>[]): string[] {
  return [...Map.groupBy(uses, ({ dealId }) => dealId)].toSorted(byFirst).map(([dealId, of]) => {
    const units = of.reduce((sum, use) => sum + use.units, 0)
    return `UPDATE deals SET taken = taken + ${units}, revision = revision + 1 WHERE id = '${dealId}' AND taken + ${units} <= units;
      IF ROW_COUNT() <> 1 THEN
        SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1020, MESSAGE_TEXT = '${dealId} has less than ${units} units left';
      END IF`
  })
}

/** Writes down what orders have of deals. */
export const insertUses = (uses: readonly DealUse[]): string[] =>
  uses.length === 0
    ? []
    : [
        `INSERT INTO deal_uses (deal_id, buyer_id, order_id, units)
           VALUES ${uses.map(({ dealId, buyerId, orderId, units }) => `('${dealId}','${buyerId}','${orderId}',${units})`).join(',')}`,
      ]

/**
 * The same of orders of a single product, which a statement before inserted as a series of ids: made from those, as the ledger's
 * rows are, they are a tenth of a rush's time less than as texts.
 */
export const insertUsesOf = (orders: readonly { id: string; dealId?: string | undefined }[]): string[] =>
  orders.some(({ dealId }) => dealId !== undefined)
    ? [
        `INSERT INTO deal_uses (deal_id, buyer_id, order_id, units)
           SELECT deal_id, buyer_id, id, quantity FROM orders
            WHERE id BETWEEN _ascii'${orders[0]?.id}' AND _ascii'${orders.at(-1)?.id}' AND deal_id IS NOT NULL`,
      ]
    : []

/** Gives back what orders that are over had of deals, in the transaction that ends them; however often, it comes back once. */
export async function returnDealUnits(
  query: Query,
  orders: readonly { orderId: string; buyerId: string; dealIds: readonly string[] }[],
): Promise<void> {
  const uses = orders.flatMap(({ dealIds, ...order }) => dealIds.map((dealId) => ({ dealId, ...order })))
  for (const [dealId, of] of [...Map.groupBy(uses, (use) => use.dealId)].toSorted(byFirst)) {
    const those = `deal_id = '${dealId}' AND buyer_id IN (${listOf(of.map(({ buyerId }) => buyerId))})
      AND order_id IN (${listOf(of.map(({ orderId }) => orderId))})`
    // the orders' rows are ours, so nobody else gives these back meanwhile
    await query(
      `BEGIN NOT ATOMIC
        UPDATE deals SET taken = taken - (SELECT COALESCE(SUM(deal_uses.units), 0) FROM deal_uses WHERE ${those}), revision = revision + 1
          WHERE id = '${dealId}';
        DELETE FROM deal_uses WHERE ${those};
      END`,
    )
  }
}

const byFirst = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) => (one < other ? -1 : 1)

const listOf = (ids: readonly string[]) => [...new Set(ids)].map((id) => `'${id}'`).join(',')
