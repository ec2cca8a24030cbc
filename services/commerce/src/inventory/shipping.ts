/** A seller's rule of what sending an order costs, in minor units of the order's currency. */
export interface ShippingRule {
  feeAmount: number
  /** There is no fee when what is sent costs as much; null: there always is. */
  freeOverAmount: number | null
  /** What a remote area costs more, whether the rest is free or not. */
  remoteAmount: number
  /** What a buyer pays at most for all orders of a show, what a remote area costs more coming on top once; null: no cap. */
  showCapAmount: number | null
}

/** What was agreed for sending an order, and by which terms: they stay as they are when the seller's rule changes. */
export interface Shipping {
  amount: number
  baseAmount: number // to a usual area
  remoteAmount: number
  /** Null: none, or the order is of no show. */
  showCapAmount: number | null
  isRemote: boolean // `amount` is that of a remote area
}

/**
 * What sending an order costs by a rule.
 *
 * @param order.sentAmount what those of its units cost that are sent
 * @param order.paidInShow what its buyer paid for other orders of the show to be sent; undefined: it is of no show
 */
export function shippingOf(
  rule: ShippingRule,
  order: { sentAmount: number; isRemote: boolean; paidInShow: number | undefined },
): Shipping {
  const { sentAmount, isRemote, paidInShow } = order
  const isFree = rule.freeOverAmount !== null && sentAmount >= rule.freeOverAmount
  const terms = {
    baseAmount: isFree ? 0 : rule.feeAmount,
    remoteAmount: rule.remoteAmount,
    showCapAmount: paidInShow === undefined ? null : rule.showCapAmount,
  }
  return { ...terms, isRemote, amount: amountBy(terms, { isRemote, paidInShow }) }
}

/** The same of several products of one seller in one currency: those without a rule are not sent, or cost nothing to send. */
export function shippingOfItems(
  items: readonly { amount: number; rule: ShippingRule | undefined }[],
  order: { isRemote: boolean; paidInShow: number | undefined },
): Shipping | undefined {
  const sent = items.filter(({ rule }) => rule !== undefined)
  const rule = sent[0]?.rule
  const sentAmount = sent.reduce((sum, { amount }) => sum + amount, 0)
  return rule && shippingOf(rule, { sentAmount, ...order })
}

/** The same by terms that were agreed, for an order that goes elsewhere, or whose buyer paid for another one meanwhile. */
export function amountBy(
  { baseAmount, remoteAmount, showCapAmount }: Pick<Shipping, 'baseAmount' | 'remoteAmount' | 'showCapAmount'>,
  { isRemote, paidInShow = 0 }: { isRemote: boolean; paidInShow?: number | undefined },
): number {
  const more = isRemote ? remoteAmount : 0
  const full = baseAmount + more
  return showCapAmount === null ? full : Math.min(full, Math.max(0, showCapAmount + more - paidInShow))
}

/** An order's columns of what was agreed, as any of the drivers' readers gives them. */
export interface ShippingColumns {
  shipping_amount: number | string
  shipping_base: number | string
  shipping_remote: number | string
  shipping_cap: number | string | null
  is_remote: number | string
}

/** What was agreed for an order, of its row; undefined: nothing. */
export function shippingOfRow(row: ShippingColumns): Shipping | undefined {
  const [amount, baseAmount, remoteAmount] = [row.shipping_amount, row.shipping_base, row.shipping_remote].map(Number)
  if (!amount && !baseAmount && !remoteAmount) return undefined
  return {
    amount: amount ?? 0,
    baseAmount: baseAmount ?? 0,
    remoteAmount: remoteAmount ?? 0,
    showCapAmount: row.shipping_cap === null ? null : Number(row.shipping_cap),
    isRemote: Boolean(Number(row.is_remote)),
  }
}
