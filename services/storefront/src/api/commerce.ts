/** The calls of commerce's API that this site makes. */
import type { ChatMessage } from '@mytaek1/contracts/live-events.ts'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { Locale } from '../i18n/locale.ts'
import type {
  Broadcast,
  CouponNamed,
  ImageUrls,
  NewAccount,
  NewBroadcast,
  NewProduct,
  Order,
  Page,
  Product,
  ProductPatch,
  VariantPlan,
  Variants,
} from './model.ts'
import { operate, operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

/** Opens an account; its stream key is in this answer and never again. */
export const signUp = (body: {
  email: string
  password: string
  displayName: string
  locale: Locale
}): Promise<NewAccount> => operate('post', `${base}/accounts`, { body })

/** Replaces the stream key; an encoder on the old one is cut off. */
export async function rotateStreamKey(): Promise<string> {
  return (await operateSignedIn('post', `${base}/stream-key/rotate`, {})).streamKey
}

/** Broadcasts in a state, newest first; `live` has the interrupted ones, too. */
export async function listBroadcasts(
  state: 'live' | 'open' | 'scheduled' | 'ended',
  signal?: AbortSignal,
): Promise<Broadcast[]> {
  return (await operate('get', `${base}/broadcasts`, { query: { state, limit: 60 }, signal })).items
}

/** The signed-in seller's broadcasts, newest first. */
export async function listOwnBroadcasts(): Promise<Broadcast[]> {
  return (await operateSignedIn('get', `${base}/broadcasts`, { query: { seller: 'me' } })).items
}

export const readBroadcast = (id: string, signal?: AbortSignal): Promise<Broadcast> =>
  operate('get', `${base}/broadcasts/{id}`, { params: { id }, signal })

/** The same as its seller sees it: with what is hidden from viewers. */
export const readOwnBroadcast = (id: string, signal?: AbortSignal): Promise<Broadcast> =>
  operateSignedIn('get', `${base}/broadcasts/{id}`, { params: { id }, signal })

/** Creates a broadcast; without `scheduledAt` it opens at once. */
export const createBroadcast = (body: NewBroadcast): Promise<Broadcast> =>
  operateSignedIn('post', `${base}/broadcasts`, { body })

export const openBroadcast = (id: string): Promise<Broadcast> =>
  operateSignedIn('post', `${base}/broadcasts/{id}/open`, { params: { id } })

export const endBroadcast = (id: string): Promise<Broadcast> =>
  operateSignedIn('post', `${base}/broadcasts/{id}/end`, { params: { id } })

/** Says something; answers it as its author is to see it. @throws {ApiProblem} code `slow_mode`, `chat_muted`, `chat_word`, … */
export const sendChat = (broadcastId: string, body: { text: string; replyTo?: string }): Promise<ChatMessage> =>
  operateSignedIn('post', `${base}/broadcasts/{id}/chat`, { params: { id: broadcastId }, body })

/** The address of a broadcast's server-sent events. */
export const eventsUrl = (broadcastId: string) => `${base}/broadcasts/${encodeURIComponent(broadcastId)}/events`

/** The signed-in seller's products, newest first. */
export async function listOwnProducts(): Promise<Product[]> {
  return (await operateSignedIn('get', `${base}/products`, { query: { seller: 'me', limit: 100 } })).items
}

export const readProduct = (id: string): Promise<Product> => operate('get', `${base}/products/{id}`, { params: { id } })

/** What of a product can be chosen, and what each choice costs and has left. */
export const readVariants = (id: string, signal?: AbortSignal): Promise<Variants> =>
  operate('get', `${base}/products/{id}/variants`, { params: { id }, signal })

/** Sets a product's options and variants. @throws {ApiProblem} code `sku_taken`. */
export const setVariants = (id: string, body: VariantPlan): Promise<Variants> =>
  operateSignedIn('put', `${base}/products/{id}/variants`, { params: { id }, body })

export const createProduct = (body: NewProduct): Promise<Product> =>
  operateSignedIn('post', `${base}/products`, { body })

export const changeProduct = (id: string, body: ProductPatch): Promise<Product> =>
  operateSignedIn('patch', `${base}/products/{id}`, { params: { id }, body })

/** Adds units to a product's stock, or that of its variant; negative ones take back what is left, at most so many. */
export const addStock = (
  id: string,
  { idempotencyKey, ...body }: { units: number; variantId?: string; idempotencyKey: string },
): Promise<Product> => operateSignedIn('post', `${base}/products/{id}/stock`, { params: { id }, body, idempotencyKey })

/** Uploads a product's or broadcast's image (image/jpeg, png, webp or avif). */
export async function uploadImage(kind: 'products' | 'broadcasts', id: string, file: Blob): Promise<ImageUrls> {
  return (await operateSignedIn('put', `${base}/${kind}/{id}/image`, { params: { id }, file })).imageUrls
}

/**
 * Reserves units; durable when it returns.
 *
 * @throws {ApiProblem} code `sold_out` when fewer are left than asked for, `price_changed` when they cost something else, sending included.
 */
export const placeOrder = (
  body: {
    productId: string
    variantId?: string
    quantity: number
    broadcastId?: string
    expectedTotal?: Money
    address?: { default: true }
    coupon?: CouponNamed | undefined
  },
  idempotencyKey: string,
): Promise<Order> => operateSignedIn('post', `${base}/orders`, { body, idempotencyKey })

/** The signed-in buyer's orders, newest first. */
export const listOrders = (cursor?: string): Promise<Page<Order>> =>
  operateSignedIn('get', `${base}/orders`, { query: { cursor } })

export const readOrder = (id: string, signal?: AbortSignal): Promise<Order> =>
  operateSignedIn('get', `${base}/orders/{id}`, { params: { id }, signal })

/** Gives the units of a reserved order back. */
export const cancelOrder = (id: string): Promise<Order> =>
  operateSignedIn('post', `${base}/orders/{id}/cancel`, { params: { id } })

/** Accounts of which the seller takes no orders, the last first. */
export const listBarredBuyers = async () => (await operateSignedIn('get', `${base}/barred-buyers`, {})).items

/** Takes no more orders of an account. @throws {ApiProblem} code `too_many_barred`. */
export const barBuyer = (id: string): Promise<unknown> =>
  operateSignedIn('put', `${base}/barred-buyers/{id}`, { params: { id } })

/** Takes an account's orders again. */
export const admitBuyer = (id: string): Promise<unknown> =>
  operateSignedIn('delete', `${base}/barred-buyers/{id}`, { params: { id } })

/** Who placed an order of the seller's. @throws {ApiProblem} code `not_found`: it is no order of theirs. */
export const readOrderBuyer = (id: string) => operateSignedIn('get', `${base}/orders/{id}/buyer`, { params: { id } })

/** Changes the password; the account's other sessions end. @throws {ApiProblem} code `wrong_password`, `weak_password`. */
export const changePassword = (body: { currentPassword: string; newPassword: string }): Promise<unknown> =>
  operateSignedIn('put', `${base}/accounts/me/password`, { body })

/** Where the account is signed in, the newest first. */
export const listSessions = () => operateSignedIn('get', `${base}/sessions`, {})

export const endOtherSessions = (): Promise<unknown> => operateSignedIn('delete', `${base}/sessions/others`, {})

/** Deletes the account for good. @throws {ApiProblem} code `wrong_password`, `account_in_use`. */
export const deleteAccount = (password: string): Promise<unknown> =>
  operateSignedIn('post', `${base}/accounts/me/deletion`, { body: { password } })

/** Has a link sent that sets a new password; the answer does not tell whether the address has an account. */
export const requestPasswordReset = (email: string): Promise<unknown> =>
  operate('post', `${base}/password-resets`, { body: { email } })

/** Sets a new password by such a link. @throws {ApiProblem} code `link_ended`, `weak_password`. */
export const resetPassword = (body: { token: string; newPassword: string }): Promise<unknown> =>
  operate('post', `${base}/password-resets/use`, { body })

/** Shows by a link from a mail that somebody reads the address. @throws {ApiProblem} code `link_ended`. */
export const verifyEmail = (token: string): Promise<unknown> =>
  operate('post', `${base}/email-verifications`, { body: { token } })

/** Has another link sent that verifies the address. @throws {ApiProblem} code `already_verified`, `mail_off`. */
export const sendVerificationMail = (): Promise<unknown> =>
  operateSignedIn('post', `${base}/accounts/me/verification-mails`, {})

/** Says which language mails are to be in. */
export const setMailLocale = (locale: Locale): Promise<unknown> =>
  operateSignedIn('put', `${base}/accounts/me/locale`, { body: { locale } })
