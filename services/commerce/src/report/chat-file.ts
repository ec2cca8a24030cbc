import type { ChatMessage } from '@mytaek1/contracts/live-events.ts'
import { csvFile } from '../csv.ts'

/** The chat as a file: when, who by the name that all saw, as what, and the words. No id of an account is in it. */
export function chatFile(messages: readonly ChatMessage[]): string {
  const header = ['시각', '이름', '역할', '메시지', '답글 대상']
  const rows = messages.map(({ at, displayName, author, text, replyTo }) => [
    at,
    displayName,
    author?.role ?? 'viewer',
    text,
    replyTo?.displayName ?? '',
  ])
  return csvFile([header, ...rows])
}
