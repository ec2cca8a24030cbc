import type { ComponentChildren } from 'preact'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import { chatText } from './chat-texts.ts'
import type { ChatMessage } from './live-state.ts'

/**
 * One message. Names are anybody's: who sells here is told by a badge, which only the service gives; and only what staff
 * write becomes a link.
 *
 * @param onMenu undefined where there is nothing to be done with it.
 */
export function ChatLine({
  message,
  answered,
  onMenu,
}: {
  message: ChatMessage
  /** What it answers, if that is still there. */
  answered: ChatMessage | undefined
  onMenu: (() => void) | undefined
}) {
  const { displayName, text, author, replyTo } = message
  const role = author?.role ?? 'viewer'
  return (
    <p class={role === 'host' ? 'chat-host' : undefined} data-testid={testIds.chatMessage(message.id)}>
      {replyTo && (
        <span class="chat-reply">
          ↳ {replyTo.displayName} {answered?.text}
        </span>
      )}
      {role !== 'viewer' && <span class={`chat-badge chat-badge-${role}`}>{chatText(role)}</span>}
      <b>{displayName}</b> <span>{role === 'viewer' ? text : withLinks(text)}</span>
      {onMenu && (
        <button
          type="button"
          class="chat-more"
          tabIndex={-1} // the log goes from one to the next by the arrow keys: no two hundred stops of Tab
          aria-label={chatText('more', { name: displayName })}
          onClick={onMenu}
        >
          <Icon name="more" />
        </button>
      )}
    </p>
  )
}

function withLinks(text: string): ComponentChildren {
  return text.split(/(https:\/\/[^\s]+)/).map((part, index) =>
    index % 2 === 1 && URL.canParse(part) ? (
      <a key={part} href={part} target="_blank" rel="noopener noreferrer nofollow">
        {part}
      </a>
    ) : (
      part
    ),
  )
}
