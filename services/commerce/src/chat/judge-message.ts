/** Whether a message is taken: one decision, from values alone, the same on every Pod. */
import type { ChatAuthor } from '@mytaek1/contracts/live-events.ts'
import type { AppError } from '@mytaek1/platform/errors.ts'
import { hasBannedWord, type BannedWords } from './banned-words.ts'
import { BannedWordError, ChatBannedError, ChatFrozenError, ChatLinkError, ChatMutedError } from './errors.ts'
import { hasLink } from './links.ts'

/** How an account is kept from a seller's chats; `until` null is for good. */
export const restrictionKinds = Object.freeze(['mute', 'ban', 'shadow'] as const)
export type RestrictionKind = (typeof restrictionKinds)[number]
export interface Restriction {
  kind: RestrictionKind
  until: Date | null
}

/** What there is to know about who writes, and where. */
export interface Standing {
  role: ChatAuthor['role']
  frozen: boolean
  restriction: Restriction | undefined
  bannedWords: BannedWords
  /** Who may write links. */
  links: 'staff' | 'everybody'
}

/**
 * Judges a message: `refused` with the reason, `hidden` when only its author may see it, or `said`. Checks in this order:
 * what is about the person comes before what is about the text, so that who is banned learns nothing by trying words.
 */
export function judgeMessage(
  { role, frozen, restriction, bannedWords, links }: Standing,
  text: string,
  now: Date,
): { refused: AppError } | 'hidden' | 'said' {
  if (role !== 'viewer') return 'said'
  const kept = restriction === undefined || isOver(restriction, now) ? undefined : restriction
  if (kept?.kind === 'ban') return { refused: new ChatBannedError(kept.until, now) }
  if (kept?.kind === 'mute') return { refused: new ChatMutedError(kept.until, now) }
  if (frozen) return { refused: new ChatFrozenError() }
  if (links === 'staff' && hasLink(text)) return { refused: new ChatLinkError() }
  if (hasBannedWord(bannedWords, text)) return { refused: new BannedWordError() }
  return kept === undefined ? 'said' : 'hidden'
}

const isOver = ({ until }: Restriction, now: Date) => until !== null && until <= now
