/** What the services answer, as this site uses it. */
import type { Role } from '@mytaek1/contracts/access-token.ts'
import type { Money } from '@mytaek1/contracts/money.ts'

export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

export interface Account {
  id: string
  email: string
  displayName: string
  role: Role
  streamKey: { last4: string | null; issuedAt: string; revokedAt: string | null }
}

export interface NewAccount {
  id: string
  email: string
  displayName: string
  streamKey: string
}

export interface Session {
  accessToken: string
  expiresAt: string
}

/** Paths of an image's files by size (320, 640, 1280 pixels wide at most) and format. */
export type ImageUrls = Record<'list' | 'card' | 'full', Record<'avif' | 'webp' | 'jpeg', string>>

export interface Product {
  id: string
  sellerId: string
  name: string
  description: string
  price: Money
  stock: number
  version: number
  imageUrls: ImageUrls | null
}

export type BroadcastState = 'scheduled' | 'open' | 'live' | 'interrupted' | 'ended'

export interface Broadcast {
  id: string
  title: string
  state: BroadcastState
  sellerId: string
  sellerName: string
  imageUrls: ImageUrls | null
  products: Product[]
  pinnedProductId: string | null
  viewers: number
  rtmpUrl: string
  scheduledAt: string | null
  createdAt: string
}

export type OrderState = 'RESERVED' | 'PAID' | 'RELEASED' | 'REFUNDED'

export interface Order {
  id: string
  productId: string
  productName?: string
  broadcastId: string | null
  quantity: number
  state: OrderState
  total: Money
  expiresAt: string | null
  createdAt: string
}

export interface CardToken {
  token: string
  brand: string
  last4: string
  expiresAt: string
}

export type PaymentState =
  | 'REQUESTED'
  | 'PROCESSING'
  | 'AUTHORIZED'
  | 'CAPTURED'
  | 'PARTIALLY_REFUNDED'
  | 'REFUNDED'
  | 'DECLINED'
  | 'CANCELED'
  | 'UNKNOWN'

export interface Payment {
  id: string
  orderId: string
  state: PaymentState
  failureReason: string | null
}
