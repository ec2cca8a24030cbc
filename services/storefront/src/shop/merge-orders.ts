import type { Order } from '../api/model.ts'

/**
 * Puts orders that were just read among those that are shown, newest first. What a newer order pushed off the page that is
 * read again stays.
 */
export function mergeOrders(shown: readonly Order[], read: readonly Order[]): readonly Order[] {
  const byId = new Map([...shown, ...read].map((order) => [order.id, order]))
  return [...byId.values()].toSorted(
    (one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt) || (one.id < other.id ? 1 : -1),
  )
}
