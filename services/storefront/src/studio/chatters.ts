import type { ChatMessage } from '../watch/live-state.ts'

const chattersMax = 20

/** Somebody who wrote in a show's chat. */
export interface Chatter {
  id: string
  displayName: string
  /** Names are anybody's: what they said last tells who is meant. */
  said: string
}

/** Viewers who wrote under a name, or a part of it, the last first; messages of a version that told no author are left out. */
export function chattersOf(messages: readonly ChatMessage[], name: string): Chatter[] {
  const wanted = folded(name)
  const found = new Map<string, Chatter>()
  for (const { author, displayName, text } of messages.toReversed()) {
    if (author?.role !== 'viewer' || found.has(author.id) || !folded(displayName).includes(wanted)) continue
    found.set(author.id, { id: author.id, displayName, said: text })
    if (found.size === chattersMax) break
  }
  return [...found.values()]
}

const folded = (text: string) => text.normalize('NFKC').trim().toLowerCase()
