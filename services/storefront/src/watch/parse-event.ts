import type { Money } from '@mytaek1/contracts/money.ts'
import type { ChatAuthor, ChatNotice, Deal, LiveEvent } from '@mytaek1/contracts/live-events.ts'

/** Event types of the feed, as `event:` names them. */
export const liveEventTypes = Object.freeze([
  'stock',
  'variant_stock',
  'price',
  'deal',
  'pin',
  'tray',
  'chat',
  'chat_hidden',
  'chat_settings',
  'hearts',
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
    case 'deal':
      return isDeal(data) ? { type, data } : undefined
    case 'pin':
      if (productId !== null && typeof productId !== 'string') return undefined
      return { type, data: { productId, productIds: idsOf(data.productIds), at: String(at) } }
    case 'tray': {
      const productIds = idsOf(data.productIds)
      return isCount(revision) && productIds ? { type, data: { revision, productIds } } : undefined
    }
    case 'chat':
      if (typeof id !== 'string' || typeof displayName !== 'string' || typeof data.text !== 'string') return undefined
      return { type, data: { id, displayName, text: data.text, at: String(at), ...aboutOf(data) } }
    case 'chat_hidden':
      return typeof id === 'string' ? { type, data: { id, authorId: textOf(data.authorId) } } : undefined
    case 'chat_settings': {
      const { frozen, slowSeconds } = data
      if (typeof frozen !== 'boolean' || !isCount(slowSeconds) || !isCount(revision)) return undefined
      return { type, data: { revision, frozen, slowSeconds, notice: noticeOf(data.notice) } }
    }
    case 'hearts':
      return isCount(data.hearts) ? { type, data: { hearts: data.hearts } } : undefined
    case 'viewers':
      return isCount(viewers) ? { type, data: { viewers } } : undefined
    case 'state': {
      const known = states.find((one) => one === state)
      return known === undefined ? undefined : { type, data: { state: known } }
    }
  }
}

const roles = ['host', 'staff', 'moderator', 'viewer'] as const
const noticeRoles = ['host', 'staff', 'viewer'] as const

function aboutOf({ author, replyTo }: Record<string, unknown>) {
  const { id, displayName } = fieldsOf(replyTo)
  const isReply = typeof id === 'string' && typeof displayName === 'string'
  return { author: authorOf(author), ...(isReply && { replyTo: { id, displayName } }) }
}

/** Undefined: nobody says what the author is, so it is nobody special. */
function authorOf(value: unknown): ChatAuthor | undefined {
  const { id, role: given } = fieldsOf(value)
  const role = roles.find((one) => one === given)
  return typeof id === 'string' && role !== undefined ? { id, role } : undefined
}

function noticeOf(value: unknown): ChatNotice | null {
  const { chatId = null, displayName, text, at, role: given } = fieldsOf(value)
  if (typeof displayName !== 'string' || typeof text !== 'string') return null
  const role = noticeRoles.find((one) => one === given) ?? 'viewer'
  return { chatId: textOf(chatId) ?? null, displayName, role, text, at: String(at) }
}

const idsOf = (value: unknown) => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined)

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const isMoney = (value: unknown): value is Money =>
  typeof value === 'object' &&
  value !== null &&
  'amount' in value &&
  isCount(value.amount) &&
  'currency' in value &&
  typeof value.currency === 'string'

const isDeal = (data: object): data is Deal => {
  const { id, productId, off, units, remaining, revision, endsAt } = data as Record<string, unknown>
  const isNamed = typeof id === 'string' && typeof productId === 'string' && typeof endsAt === 'string'
  return isNamed && isMoney(off) && isCount(units) && isCount(remaining) && isCount(revision)
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
