const windowMs = 60_000
const mostAddresses = 20_000 // of a window: beyond them newcomers are not heard, and nothing but figures is lost

/** How many reports of a minute are read: of one address, behind which may be a whole carrier's phones, and of all. */
export const budget = Object.freeze({ address: 300, all: 6_000, faultsLogged: 60 })

/** Counts by the minute, in this process alone: what is refused costs less than to ask anybody. */
export class BeaconBudget {
  readonly #now: () => number
  #endsAt = 0
  #all = 0
  #logged = 0
  readonly #byAddress = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether one more report of this address may be read. */
  take(address: string): boolean {
    this.#turn()
    const used = this.#byAddress.get(address)
    const isFull = used === undefined && this.#byAddress.size >= mostAddresses
    if (isFull || (used ?? 0) >= budget.address || this.#all >= budget.all) return false
    this.#byAddress.set(address, (used ?? 0) + 1)
    this.#all += 1
    return true
  }

  /** Whether one more fault may be logged. */
  takeLine(): boolean {
    this.#turn()
    this.#logged += 1
    return this.#logged <= budget.faultsLogged
  }

  #turn(): void {
    if (this.#now() < this.#endsAt) return
    this.#endsAt = this.#now() + windowMs
    this.#all = 0
    this.#logged = 0
    this.#byAddress.clear()
  }
}
