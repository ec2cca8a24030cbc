/** Calls about what sending costs. */
import type { CouponNamed, OrderQuote, ShippingRule } from './model.ts'
import { operate, operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

/** What a seller takes for sending; null: nothing. */
export const readShippingRule = async (sellerId: string, signal?: AbortSignal): Promise<ShippingRule | null> =>
  (await operate('get', `${base}/sellers/{id}/shipping`, { params: { id: sellerId }, signal })).rule

/** Says what the signed-in seller takes for sending. */
export async function setShippingRule(rule: ShippingRule | null): Promise<void> {
  await operateSignedIn('put', `${base}/accounts/me/shipping`, { body: { rule } })
}

/** What an order of the signed-in buyer would cost now, sent to the default address where there is one. */
export const quoteOrder = (
  body: {
    productId: string
    variantId?: string | undefined
    quantity: number
    broadcastId?: string | undefined
    coupon?: CouponNamed | undefined
  },
  signal?: AbortSignal,
): Promise<OrderQuote> =>
  operateSignedIn('post', `${base}/order-quotes`, { body: { ...body, address: { default: true } }, signal })
