/**
 * How much of a product may be held without being paid for, so that nobody keeps it from those who would pay.
 *
 * Each buyer has a bound of units and of orders. And an address from which much of a product is held already gets, beyond
 * its share, one unit for each buyer: accounts cost nothing, while behind one address of a phone network are thousands of
 * people, and none of them is refused for the others.
 */

/** Of one product, by one buyer, in orders that are not paid for. */
export interface HoldLimits {
  units: number
  orders: number
}

/** What a buyer has of a product. */
export interface Holding {
  units: number // held or bought
  unpaidUnits: number
  unpaidOrders: number
  barred: boolean // the seller does not serve this buyer
}

/** Of somebody who has nothing. */
export const noHolding: Holding = Object.freeze({ units: 0, unpaidUnits: 0, unpaidOrders: 0, barred: false })

/** Used where nothing else is configured. */
export const defaultHoldLimits: HoldLimits = Object.freeze({ units: 10, orders: 3 })

// of what is left and what the address took: a quarter leaves three for everybody else
const addressShare = 0.25

/** Why a buyer gets no more of a product. */
export type HoldRefusal =
  | { kind: 'barred' }
  | { kind: 'over_limit'; limit: number }
  | { kind: 'unpaid_limit'; units: number; orders: number }

/**
 * Why a buyer may not have so many units more; undefined: they may.
 *
 * @param input.limitPerBuyer units held and bought together; null: no limit
 * @param input.stock units left before this request
 * @param input.addressUnits units that came to the request's address lately, this request's among them
 */
export function holdRefusal(input: {
  holding: Holding
  quantity: number
  limitPerBuyer: number | null
  holdLimits: HoldLimits
  stock: number
  addressUnits: number
}): HoldRefusal | undefined {
  const { holding, quantity, limitPerBuyer, holdLimits, stock, addressUnits } = input
  if (holding.barred) return { kind: 'barred' }
  if (limitPerBuyer !== null && holding.units + quantity > limitPerBuyer) {
    return { kind: 'over_limit', limit: limitPerBuyer }
  }
  const share = Math.max(holdLimits.units, Math.floor((stock + addressUnits) * addressShare))
  const units = addressUnits > share ? 1 : holdLimits.units
  const isOver = holding.unpaidUnits + quantity > units || holding.unpaidOrders >= holdLimits.orders
  return isOver ? { kind: 'unpaid_limit', units, orders: holdLimits.orders } : undefined
}

/** What a buyer has once an order of so many units is made. */
export const holdingMore = (holding: Holding, quantity: number): Holding => ({
  ...holding,
  units: holding.units + quantity,
  unpaidUnits: holding.unpaidUnits + quantity,
  unpaidOrders: holding.unpaidOrders + 1,
})
