import type { Knex } from 'knex'

const faultsMax = 100

/**
 * What does not add up of deals, in the snapshot of the audit: of each at most its units are in orders that were not released,
 * nobody has more of it than one may, orders are from its time, and orders and deals say the same of each other.
 */
export async function dealFaults(trx: Knex.Transaction): Promise<string[]> {
  const [counts] = await trx.raw(
    `SELECT d.id, d.units, d.taken, COALESCE(SUM(u.units), 0) AS used,
            COALESCE(SUM(u.order_id IS NOT NULL AND (o.id IS NULL OR o.state = 'RELEASED')), 0) AS idle,
            COALESCE(SUM(o.created_at > d.ends_at OR o.created_at < d.starts_at), 0) AS late
       FROM deals d LEFT JOIN deal_uses u ON u.deal_id = d.id LEFT JOIN orders o ON o.id = u.order_id
      GROUP BY d.id, d.units, d.taken
     HAVING taken <> used OR used > units OR idle > 0 OR late > 0 LIMIT ${faultsMax}`,
  )
  const [buyers] = await trx.raw(
    `SELECT d.id, u.buyer_id, d.units_per_buyer, SUM(u.units) AS used
       FROM deals d JOIN deal_uses u ON u.deal_id = d.id WHERE d.units_per_buyer IS NOT NULL
      GROUP BY d.id, u.buyer_id, d.units_per_buyer HAVING used > d.units_per_buyer LIMIT ${faultsMax}`,
  )
  const [orders] = await trx.raw(
    `SELECT a.id, a.deal_id, a.units, u.units AS used FROM
       (SELECT id, buyer_id, deal_id, quantity AS units FROM orders
         WHERE deal_id IS NOT NULL AND product_id IS NOT NULL AND state <> 'RELEASED'
        UNION ALL
        SELECT o.id, o.buyer_id, i.deal_id, SUM(i.quantity) FROM order_items i JOIN orders o ON o.id = i.order_id
         WHERE i.deal_id IS NOT NULL AND o.state <> 'RELEASED' GROUP BY o.id, o.buyer_id, i.deal_id) AS a
       LEFT JOIN deal_uses u ON u.deal_id = a.deal_id AND u.buyer_id = a.buyer_id AND u.order_id = a.id
      WHERE u.units IS NULL OR u.units <> a.units LIMIT ${faultsMax}`,
  )
  return [
    ...counts.map(
      ({ id, units, taken, used, idle, late }: Record<string, number | string>) =>
        `${id}: ${units} units, says ${taken} taken, has ${used}; ${idle} of no order, ${late} not of its time`,
    ),
    ...buyers.map(
      ({ id, buyer_id: buyer, units_per_buyer: most, used }: Record<string, number | string>) =>
        `${id}: ${buyer} has ${used}, and may have ${most}`,
    ),
    ...orders.map(
      ({ id, deal_id: deal, units, used }: Record<string, number | string | null>) =>
        `${id}: ${units} at the price of ${deal}, which has ${used ?? 'none'} of it`,
    ),
  ]
}
