import type { PaymentGateway, PaymentMethod } from './payment-gateway.ts'

/** A gateway and what it is asked for; `currencies` undefined: all. */
export interface Choice {
  gateway: PaymentGateway
  currencies: readonly string[] | undefined
  methods: readonly PaymentMethod[]
}

/** How one method is paid: with a card that is entered on our page, in a window of the gateway, or into an account that is shown. */
export interface Offer {
  method: PaymentMethod
  entry: 'card' | 'window' | 'deposit'
}

/**
 * The gateways of this installation. A payment is begun with the first one that takes its currency and method, and stays with
 * it: its row has the name.
 */
export class Gateways {
  readonly #choices: readonly Choice[]

  constructor(choices: readonly Choice[]) {
    this.#choices = choices
  }

  /** The gateway of a payment's row. @throws {Error} it is configured no more: somebody has to see to its payments. */
  get(name: string): PaymentGateway {
    const gateway = this.find(name)
    if (gateway === undefined) throw new Error(`No gateway ${name} is configured, and payments of it are not ended`)
    return gateway
  }

  find(name: string): PaymentGateway | undefined {
    return this.#choices.find(({ gateway }) => gateway.name === name)?.gateway
  }

  /** The gateway for a payment; the first wins. */
  choose(wanted: {
    currency: string
    method: PaymentMethod
    entry: Offer['entry']
    live?: boolean
  }): PaymentGateway | undefined {
    const { currency, method, entry, live = false } = wanted
    return this.#choices.find(
      (choice) =>
        methodsOf(choice, live).includes(method) && entryOf(choice, method) === entry && takes(choice, currency),
    )?.gateway
  }

  /** What a buyer may choose from: each method once, as it would be paid. @param live the order was placed in a broadcast */
  offers(currency: string, live = false): Offer[] {
    const offers = new Map<PaymentMethod, Offer>()
    for (const choice of this.#choices.filter((each) => takes(each, currency))) {
      for (const method of methodsOf(choice, live)) {
        if (!offers.has(method)) offers.set(method, { method, entry: entryOf(choice, method) })
      }
    }
    return [...offers.values()]
  }

  /** Gateways whose days can be compared with ours. */
  get settling(): PaymentGateway[] {
    return this.#choices.map(({ gateway }) => gateway).filter(({ capabilities }) => capabilities.settlements)
  }

  /** The gateway that takes cards from our own page, if there is one. */
  get cardEntry(): PaymentGateway | undefined {
    return this.#choices.find(({ gateway }) => gateway.capabilities.cardEntry)?.gateway
  }
}

const takes = ({ currencies }: Choice, currency: string) => currencies?.includes(currency) ?? true

// What waits for a deposit holds its units for hours: not those that a broadcast's viewers wait for, unless it is wanted.
function methodsOf({ gateway, methods }: Choice, live: boolean): readonly PaymentMethod[] {
  const { deposits } = gateway.capabilities
  const takesDeposits = deposits !== undefined && (deposits.live || !live)
  return methods.filter((method) => method !== 'virtual_account' || takesDeposits)
}

function entryOf({ gateway }: Choice, method: PaymentMethod): Offer['entry'] {
  if (method === 'virtual_account') return 'deposit'
  return gateway.capabilities.cardEntry ? 'card' : 'window'
}
