import type { Money } from '@mytaek1/contracts/money.ts'
import type { ChatAuthor, LiveEvent } from '@mytaek1/contracts/live-events.ts'

/** Event types of the feed, as `event:` names them. */
export const liveEventTypes = Object.freeze([
  'stock',
  'variant_stock',
  'price',
  'pin',
  'chat',
  'chat_hidden',
  'viewers',
  'state',
] as const)

const states = ['scheduled', 'open', 'live', 'interrupted', 'ended'] as const

/** Reads one server-sent event; undefined for data that is not as the contract says (an older or newer server). */
export function parseLiveEvent(type: LiveEvent['type'], text: string): LiveEvent | undefined {
  const data = parseObject(text)
  if (data === undefined) return undefined
  const { productId, stock, version, price, revision, at, id, displayName, viewers, state } = data
  switch (type) {
    case 'stock':
      if (typeof productId !== 'string' || !isCount(stock) || !isCount(version)) return undefined
      return { type, data: { productId, stock, version } }
    case 'variant_stock': {
      const { variantId } = data
      if (typeof productId !== 'string' || typeof variantId !== 'string') return undefined
      return isCount(stock) && isCount(version) ? { type, data: { productId, variantId, stock, version } } : undefined
    }
    case 'price':
      if (typeof productId !== 'string' || !isMoney(price) || !isCount(revision)) return undefined
      return { type, data: { productId, price, revision } }
    case 'pin':
      if (productId !== null && typeof productId !== 'string') return undefined
      return { type, data: { productId, at: String(at) } }
    case 'chat':
      if (typeof id !== 'string' || typeof displayName !== 'string' || typeof data.text !== 'string') return undefined
      return { type, data: { id, displayName, text: data.text, at: String(at), author: authorOf(data.author) } }
    case 'chat_hidden':
      return typeof id === 'string' ? { type, data: { id } } : undefined
    case 'viewers':
      return isCount(viewers) ? { type, data: { viewers } } : undefined
    case 'state': {
      const known = states.find((one) => one === state)
      return known === undefined ? undefined : { type, data: { state: known } }
    }
  }
}

const roles = ['host', 'staff', 'viewer'] as const

/** Undefined: nobody says what the author is, so it is nobody special. */
function authorOf(value: unknown): ChatAuthor | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('role' in value)) return undefined
  const role = roles.find((one) => one === value.role)
  return typeof value.id === 'string' && role !== undefined ? { id: value.id, role } : undefined
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const isMoney = (value: unknown): value is Money =>
  typeof value === 'object' &&
  value !== null &&
  'amount' in value &&
  isCount(value.amount) &&
  'currency' in value &&
  typeof value.currency === 'string'

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
