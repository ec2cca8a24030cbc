/** Names for what the services answer; the shapes are their OpenAPI documents'. */
import type { components as Commerce } from './commerce-openapi.ts'
import type { components as Payments } from './payment-openapi.ts'

export type Account = Commerce['schemas']['Account']
export type Broadcast = Commerce['schemas']['Broadcast']
export type BroadcastState = Broadcast['state']
export type ImageUrls = Commerce['schemas']['ImageUrls']
export type NewAccount = Commerce['schemas']['NewAccount']
export type NewBroadcast = Commerce['schemas']['NewBroadcast']
export type NewProduct = Commerce['schemas']['NewProduct']
export type Order = Commerce['schemas']['Order']
export type OrderState = Order['state']
export type Product = Commerce['schemas']['Product']
export type Variants = Commerce['schemas']['Variants']
export type Variant = Variants['variants'][number]
export type VariantPlan = Commerce['schemas']['VariantPlan']
export type ProductDetails = Commerce['schemas']['ProductDetails']
export type ProductPicture = ProductDetails['pictures'][number]
export type ProductPatch = Commerce['schemas']['ProductPatch']
export type ShippingRule = Commerce['schemas']['ShippingRule']
export type OrderQuote = Commerce['schemas']['OrderQuote']
export type Coupon = Commerce['schemas']['Coupon']
export type NewCoupon = Commerce['schemas']['NewCoupon']
export type ShownCoupon = Commerce['schemas']['ShownCoupon']
export type CouponNamed = Commerce['schemas']['CouponNamed']
export type Deal = Commerce['schemas']['Deal']
export type NewDeal = Commerce['schemas']['NewDeal']
export type WaitingPlace = Commerce['schemas']['WaitingPlace']
export type Seller = Commerce['schemas']['Seller']
export type SellerBusiness = Commerce['schemas']['SellerBusiness']
export type Session = Commerce['schemas']['Session']
export type BookAddress = Commerce['schemas']['BookAddress']
export type Address = Omit<BookAddress, 'id' | 'isDefault'>
export type Fulfilment = Commerce['schemas']['Fulfilment']
export type Claim = Commerce['schemas']['Claim']
export type NewClaim = Commerce['schemas']['NewClaim']
export type Sale = Commerce['schemas']['Sale']
export type SaleDetail = Commerce['schemas']['SaleDetail']
export type ShippedLine = Commerce['schemas']['ShippedLines']['items'][number]
export type CardDetails = Payments['schemas']['CardTokenRequest']
export type CardToken = Payments['schemas']['CardToken']
export type Payment = Payments['schemas']['Payment']
export type Refund = Payments['schemas']['Refund']
export type StuckPayments = Payments['schemas']['StuckPayments']
export type GatewayWord = Payments['schemas']['GatewayWord']
export type AuditEntry = Payments['schemas']['AuditEntry']
export type Settlements = {
  days: Payments['schemas']['SettlementDay'][]
  differences: Payments['schemas']['SettlementDifference'][]
}
export type ClientAction = Payments['schemas']['ClientAction']
export type PaymentOffer = Payments['schemas']['PaymentMethods']['items'][number]
export type RefundAccount = Payments['schemas']['RefundAccount']
export type PaymentMethod = PaymentOffer['method']

/** One page of a list; `nextCursor` is null on the last one. */
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}
