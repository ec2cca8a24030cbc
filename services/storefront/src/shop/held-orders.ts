import { computed, signal } from '@preact/signals'
import { listOrders } from '../api/commerce.ts'
import type { Order } from '../api/model.ts'
import { account } from '../api/session.ts'

const read = signal<{ accountId: string; orders: readonly Order[] } | undefined>(undefined)

/** Orders of the signed-in buyer whose units are held and not paid for yet, the newest first; never another account's. */
export const heldOrders = computed<readonly Order[]>(() =>
  read.value !== undefined && read.value.accountId === account.value?.id ? read.value.orders : [],
)

/** Reads them; what was known stays when the service does not answer. */
export async function readHeldOrders(): Promise<void> {
  const accountId = account.value?.id
  if (accountId === undefined) return
  try {
    const { items } = await listOrders()
    read.value = { accountId, orders: items.filter(({ state }) => state === 'RESERVED') }
  } catch {
    // asked again with the next news of an order, or when the sheet closes
  }
}

/** The order of this one product alone that is held: what a purchase of it goes on with. */
export const heldOf = (orders: readonly Order[], productId: string): Order | undefined =>
  orders.find(({ items: [first, ...others] }) => others.length === 0 && first?.productId === productId)
