/** The calls of commerce's API (`/api/commerce/v1`) that this site makes. */
import { call } from './http.ts'
import type { Broadcast, BroadcastState, ImageUrls, NewAccount, Order, Page, Product } from './model.ts'
import { callSignedIn } from './session.ts'

const base = '/api/commerce/v1'

/** Opens an account; its stream key is in this answer and never again. */
export async function signUp(input: { email: string; password: string; displayName: string }): Promise<NewAccount> {
  return (await call({ method: 'POST', path: `${base}/accounts`, body: input })) as NewAccount
}

/** Replaces the stream key; an encoder on the old one is cut off. */
export async function rotateStreamKey(): Promise<string> {
  return ((await callSignedIn({ method: 'POST', path: `${base}/stream-key/rotate` })) as { streamKey: string })
    .streamKey
}

/** Broadcasts in a state, newest first. */
export async function listBroadcasts(state: BroadcastState, signal?: AbortSignal): Promise<Broadcast[]> {
  return ((await call({ method: 'GET', path: `${base}/broadcasts?state=${state}`, signal })) as Page<Broadcast>).items
}

/** The signed-in seller's broadcasts, newest first. */
export async function listOwnBroadcasts(): Promise<Broadcast[]> {
  return ((await callSignedIn({ method: 'GET', path: `${base}/broadcasts?seller=me` })) as Page<Broadcast>).items
}

export async function readBroadcast(id: string, signal?: AbortSignal): Promise<Broadcast> {
  return (await call({ method: 'GET', path: `${base}/broadcasts/${encodeURIComponent(id)}`, signal })) as Broadcast
}

/** Creates a broadcast; without `scheduledAt` it opens at once. */
export async function createBroadcast(input: {
  title: string
  productIds: string[]
  scheduledAt?: string
}): Promise<Broadcast> {
  return (await callSignedIn({ method: 'POST', path: `${base}/broadcasts`, body: input })) as Broadcast
}

export async function openBroadcast(id: string): Promise<void> {
  await callSignedIn({ method: 'POST', path: `${base}/broadcasts/${id}/open` })
}

export async function endBroadcast(id: string): Promise<void> {
  await callSignedIn({ method: 'POST', path: `${base}/broadcasts/${id}/end` })
}

/** Shows a product first to every viewer; null takes the pin away. */
export async function pinProduct(broadcastId: string, productId: string | null): Promise<void> {
  await callSignedIn({ method: 'POST', path: `${base}/broadcasts/${broadcastId}/pins`, body: { productId } })
}

export async function sendChat(broadcastId: string, text: string): Promise<void> {
  await callSignedIn({ method: 'POST', path: `${base}/broadcasts/${broadcastId}/chat`, body: { text } })
}

/** The address of a broadcast's server-sent events. */
export const eventsUrl = (broadcastId: string) => `${base}/broadcasts/${encodeURIComponent(broadcastId)}/events`

/** The signed-in seller's products, newest first. */
export async function listOwnProducts(): Promise<Product[]> {
  return ((await callSignedIn({ method: 'GET', path: `${base}/products?seller=me&limit=100` })) as Page<Product>).items
}

export async function readProduct(id: string): Promise<Product> {
  return (await call({ method: 'GET', path: `${base}/products/${encodeURIComponent(id)}` })) as Product
}

export type NewProduct = Pick<Product, 'name' | 'description' | 'price' | 'stock'>

export async function createProduct(input: NewProduct): Promise<Product> {
  return (await callSignedIn({ method: 'POST', path: `${base}/products`, body: input })) as Product
}

export async function changeProduct(id: string, patch: Partial<Omit<NewProduct, 'stock'>>): Promise<Product> {
  return (await callSignedIn({ method: 'PATCH', path: `${base}/products/${id}`, body: patch })) as Product
}

/** Adds units to a product's stock; negative ones take back what is left, at most so many. */
export async function addStock(id: string, units: number): Promise<Product> {
  return (await callSignedIn({ method: 'POST', path: `${base}/products/${id}/stock`, body: { units } })) as Product
}

/** Uploads a product's or broadcast's image (image/jpeg, png, webp or avif). */
export async function uploadImage(kind: 'products' | 'broadcasts', id: string, file: Blob): Promise<ImageUrls> {
  const answer = await callSignedIn({ method: 'PUT', path: `${base}/${kind}/${id}/image`, file })
  return (answer as { imageUrls: ImageUrls }).imageUrls
}

/**
 * Reserves units; durable when it returns.
 *
 * @throws {ApiProblem} code `sold_out` when fewer are left than asked for.
 */
export async function placeOrder(
  input: { productId: string; quantity: number; broadcastId?: string },
  idempotencyKey: string,
): Promise<Order> {
  return (await callSignedIn({ method: 'POST', path: `${base}/orders`, body: input, idempotencyKey })) as Order
}

/** The signed-in buyer's orders, newest first. */
export async function listOrders(cursor?: string): Promise<Page<Order>> {
  const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`
  return (await callSignedIn({ method: 'GET', path: `${base}/orders${query}` })) as Page<Order>
}

export async function readOrder(id: string, signal?: AbortSignal): Promise<Order> {
  return (await callSignedIn({ method: 'GET', path: `${base}/orders/${id}`, signal })) as Order
}

/** Gives the units of a reserved order back. */
export async function cancelOrder(id: string): Promise<Order> {
  return (await callSignedIn({ method: 'POST', path: `${base}/orders/${id}/cancel` })) as Order
}
