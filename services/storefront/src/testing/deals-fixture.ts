import type { Deal } from '@mytaek1/contracts/live-events.ts'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { NewDeal, Product } from '../api/model.ts'

/** The part of the fixture that knows timed deals. */
export class DealsFixture {
  readonly deals: Deal[] = [] // the newest first

  /** Answers what is about deals, with what viewers are to be told; undefined for anything else. */
  answer(
    route: string,
    body: Record<string, unknown>,
    products: ReadonlyMap<string, Product>,
  ): { status: number; body: unknown; told?: Deal } | undefined {
    if (/^GET \/broadcasts\/[^/]+\/deals$/.test(route)) return { status: 200, body: { items: this.deals } }
    if (/^POST \/broadcasts\/[^/]+\/deals$/.test(route)) {
      const product = products.get(String(body.productId))
      if (product === undefined) return undefined
      const deal = this.start(product, body as unknown as NewDeal)
      return { status: 201, body: deal, told: deal }
    }
    const [, id] = /^POST \/deals\/([^/]+)\/end$/.exec(route) ?? []
    const deal = this.deals.find((each) => each.id === id)
    if (deal === undefined) return undefined
    const told = this.#change(deal, { endsAt: new Date().toISOString() })
    const product = products.get(deal.productId)
    if (product) product.deal = null
    return { status: 200, body: told, told }
  }

  /** Starts a deal of a product, without a word to viewers. */
  start(product: Product, { off, units, unitsPerBuyer = null, seconds }: NewDeal): Deal {
    const now = Date.now()
    const times = { startsAt: new Date(now).toISOString(), endsAt: new Date(now + seconds * 1_000).toISOString() }
    const about = { productId: product.id, off, units, remaining: units, unitsPerBuyer, revision: 1 }
    const deal: Deal = { id: `deal_${this.deals.length + 1}`, ...about, ...times }
    this.deals.unshift(deal)
    product.deal = deal
    return deal
  }

  /** What so many units of a product cost each. */
  priceOf(productId: string, price: Money, quantity: number): { price: Money; deal: Deal | undefined } {
    const deal = this.deals.find((each) => each.productId === productId && Date.parse(each.endsAt) > Date.now())
    if (deal === undefined || deal.remaining < quantity) return { price, deal: undefined }
    return { price: { ...price, amount: price.amount - deal.off.amount }, deal }
  }

  /** Units of it are ordered; answers what viewers are to be told. */
  take(deal: Deal, quantity: number): Deal {
    return this.#change(deal, { remaining: deal.remaining - quantity })
  }

  #change(deal: Deal, change: Partial<Deal>): Deal {
    return Object.assign(deal, change, { revision: deal.revision + 1 })
  }
}
