import type { WaitingPlace } from '../api/model.ts'

/** The part of the fixture that knows what the account waits for. */
export class WaitingFixture {
  places: WaitingPlace[] = []
  /** How many wait before whoever comes. */
  ahead = 0

  /** Answers what is about places; undefined for anything else. */
  answer(route: string, body: Record<string, unknown>): { status: number; body?: unknown } | undefined {
    if (route === 'GET /waiting-places') return { status: 200, body: { items: this.#there() } }
    if (route === 'POST /waiting-places') {
      const productId = String(body.productId)
      const variantId = typeof body.variantId === 'string' ? body.variantId : productId
      const place = this.#find(variantId) ?? { productId, variantId, position: this.ahead + 1, offeredUntil: null }
      this.places = [...this.places.filter((each) => each.variantId !== variantId), place]
      return { status: 201, body: place }
    }
    const [, variantId] = /^DELETE \/waiting-places\/(.+)$/.exec(route) ?? []
    if (variantId === undefined) return undefined
    this.take(variantId)
    return { status: 204 }
  }

  /** Keeps a unit for the account for so long; answers what it is told. */
  offer(
    variantId: string,
    seconds: number,
  ): { productId: string; variantId: string; offeredUntil: string } | undefined {
    const place = this.#find(variantId)
    if (place === undefined) return undefined
    const offeredUntil = new Date(Date.now() + seconds * 1_000).toISOString()
    Object.assign(place, { position: 0, offeredUntil })
    return { productId: place.productId, variantId, offeredUntil }
  }

  /** The units that are kept for the account: one, or none. */
  kept(variantId: string): number {
    return this.#find(variantId)?.offeredUntil ? 1 : 0
  }

  /** The place is over: what was kept is ordered, or left to others. */
  take(variantId: string): void {
    this.places = this.places.filter((each) => each.variantId !== variantId)
  }

  #find(variantId: string): WaitingPlace | undefined {
    return this.#there().find((each) => each.variantId === variantId)
  }

  #there(): WaitingPlace[] {
    return this.places.filter(({ offeredUntil }) => offeredUntil === null || Date.parse(offeredUntil) > Date.now())
  }
}
