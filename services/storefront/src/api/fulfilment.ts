/** Calls about the way of orders that buyers make: addresses, what becomes of an order, what is asked for. */
import type { Address, BookAddress, Claim, Fulfilment, NewClaim } from './model.ts'
import { operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

/** The signed-in account's addresses, the default first. */
export async function listAddresses(signal?: AbortSignal): Promise<BookAddress[]> {
  return (await operateSignedIn('get', `${base}/account/addresses`, { signal })).items
}

export const addAddress = (body: Address & { isDefault: boolean }): Promise<BookAddress> =>
  operateSignedIn('post', `${base}/account/addresses`, { body })

export const changeAddress = (id: string, body: Address & { isDefault: boolean }): Promise<BookAddress> =>
  operateSignedIn('put', `${base}/account/addresses/{id}`, { params: { id }, body })

export async function removeAddress(id: string): Promise<void> {
  await operateSignedIn('delete', `${base}/account/addresses/{id}`, { params: { id } })
}

/** How orders of the signed-in buyer go; at most a hundred. */
export async function listFulfilments(orderIds: readonly string[], signal?: AbortSignal): Promise<Fulfilment[]> {
  if (orderIds.length === 0) return []
  const query = { orders: orderIds.join(',') }
  return (await operateSignedIn('get', `${base}/fulfilments`, { query, signal })).items
}

/** Says where an order goes. @throws {ApiProblem} code `order_state`: it is on its way. */
export const setOrderAddress = (orderId: string, body: Address | { addressId: string }): Promise<Fulfilment> =>
  operateSignedIn('put', `${base}/orders/{id}/address`, { params: { id: orderId }, body })

export const confirmOrder = (id: string): Promise<Fulfilment> =>
  operateSignedIn('post', `${base}/orders/{id}/confirm`, { params: { id } })

/** Calls an order off, or sends units back. @throws {ApiProblem} code `order_state`, `claim_open`, `too_many_units`. */
export const makeClaim = (orderId: string, body: NewClaim): Promise<Claim> =>
  operateSignedIn('post', `${base}/orders/{id}/claims`, { params: { id: orderId }, body })

export const withdrawClaim = (id: string): Promise<Claim> =>
  operateSignedIn('post', `${base}/claims/{id}/withdraw`, { params: { id } })
