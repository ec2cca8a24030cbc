/**
 * Timed deals: so many units of a product for less, until a time.
 *
 * A deal takes a fixed amount off each unit: of a product whose variants cost differently one price for all would raise the
 * price of some. What an order has of a product is at the deal's price as a whole, or not at all, so that each of its lines
 * has one price, by which units of it can be refunded later.
 */

/** A deal that runs, as it is while its product's stock row is locked, or as it was read without. */
export interface DealSeen {
  id: string
  productId: string // of a product with options the whole
  offAmount: number // minor units off the price of each unit
  currency: string
  left: number // units
  unitsPerBuyer: number | null
  usedBy: ReadonlyMap<string, number> // units that those who ask have of it
}

/** Units that somebody wants at one price; `dealOf`: the product whose deal lowers it. */
export interface PricedLine {
  dealOf: string
  quantity: number
  unitAmount: number
  currency: string
}

/** The deals of a batch while it is decided: what an order takes of one is gone for the next. */
export class Deals {
  readonly #byProduct: Map<string, DealSeen & { usedBy: Map<string, number> }>

  /** @param deals those that run, one of a product */
  constructor(deals: readonly DealSeen[]) {
    this.#byProduct = new Map(deals.map((deal) => [deal.productId, { ...deal, usedBy: new Map(deal.usedBy) }]))
  }

  /** The deal that lowers each of an order's lines; undefined: the usual price holds. */
  of(buyerId: string, lines: readonly PricedLine[]): (DealSeen | undefined)[] {
    return lines.map((line) => {
      const deal = this.#byProduct.get(line.dealOf)
      if (deal === undefined || !lowers(deal, line)) return undefined
      const together = lines.filter((other) => other.dealOf === line.dealOf && lowers(deal, other))
      const units = together.reduce((sum, { quantity }) => sum + quantity, 0)
      return units <= leftFor(deal, buyerId) ? deal : undefined
    })
  }

  /** An order with so many units at this deal's price has won. */
  use(buyerId: string, { productId }: DealSeen, units: number): void {
    const deal = this.#byProduct.get(productId)
    if (deal === undefined) return
    deal.left -= units
    deal.usedBy.set(buyerId, (deal.usedBy.get(buyerId) ?? 0) + units)
  }
}

// a seller may have changed the price since the deal was started: nothing is sold for nothing
const lowers = (deal: DealSeen, { unitAmount, currency }: PricedLine) =>
  deal.currency === currency && deal.offAmount < unitAmount

function leftFor({ left, unitsPerBuyer, usedBy }: DealSeen, buyerId: string): number {
  return unitsPerBuyer === null ? left : Math.min(left, unitsPerBuyer - (usedBy.get(buyerId) ?? 0))
}
