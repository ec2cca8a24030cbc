/** The deal that runs of a product, as everybody is told of it: read with its stock row, so that it is one question more for nobody. */
import type { Deal } from '@mytaek1/contracts/live-events.ts'

const milliseconds = (column: string) => `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ${column}) DIV 1000`

// a JSON text, so that it is one column of whatever is read with it; CONCAT, so that the driver leaves it a text
const columns = `CONCAT(JSON_OBJECT('id', id, 'productId', product_id, 'off', JSON_OBJECT('amount', off_amount, 'currency', currency),
  'units', units, 'remaining', units - taken, 'unitsPerBuyer', units_per_buyer, 'revision', revision,
  'startsAt', ${milliseconds('starts_at')}, 'endsAt', ${milliseconds('ends_at')}))`

/** The running deal of a stock row. */
export const dealColumn = `(SELECT ${columns} FROM deals WHERE deals.id = product_stock.deal_id AND ends_at > UTC_TIMESTAMP(3))`

/** The same of a row of `deals`, whether it runs or not. */
export const dealColumns = columns

/** A deal of its column; undefined: none runs. */
export function toDeal(json: string | null): Deal | undefined {
  if (json === null) return undefined
  const deal = JSON.parse(json) as Deal & { startsAt: number; endsAt: number }
  const iso = (time: number) => new Date(time).toISOString()
  return { ...deal, startsAt: iso(deal.startsAt), endsAt: iso(deal.endsAt) }
}
