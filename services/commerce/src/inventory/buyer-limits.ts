import type { Knex } from 'knex'

/** How much of a product one buyer may have; null: as much as there is, or as the engine is configured. */
export interface BuyerLimits {
  limitPerBuyer: number | null // units held and bought, in all orders together
  unpaidUnitsPerBuyer: number | null // units held without payment
  unpaidOrdersPerBuyer: number | null
}

/** Sets how much one buyer may have from now on; what is left out stays, and so do orders made before. */
export async function setBuyerLimits(
  trx: Knex.Transaction,
  { productId, ...limits }: { productId: string } & Partial<BuyerLimits>,
): Promise<void> {
  const columns = limitColumns(limits)
  if (Object.keys(columns).length > 0) await trx('product_stock').where('product_id', productId).update(columns)
}

/** The limits that are given, as columns of a stock row. */
export const limitColumns = (limits: Partial<BuyerLimits>) => ({
  ...(limits.limitPerBuyer !== undefined && { limit_per_buyer: limits.limitPerBuyer }),
  ...(limits.unpaidUnitsPerBuyer !== undefined && { unpaid_units_per_buyer: limits.unpaidUnitsPerBuyer }),
  ...(limits.unpaidOrdersPerBuyer !== undefined && { unpaid_orders_per_buyer: limits.unpaidOrdersPerBuyer }),
})
