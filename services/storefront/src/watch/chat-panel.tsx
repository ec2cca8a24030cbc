import { useEffect, useRef, useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { sendChat } from '../api/commerce.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { readText } from '../ui/form-values.ts'
import { Icon } from '../ui/icon.tsx'
import type { ChatMessage } from './live-state.ts'

const longestText = 200
const mostWaiting = 5 // texts on their way
const atBottomPixels = 40

/** The chat: newest at the bottom, can be paused (WCAG 2.2.2). */
export function ChatPanel({
  broadcastId,
  messages,
  closed,
}: {
  broadcastId: string
  messages: readonly ChatMessage[]
  closed: boolean
}) {
  const [pausedAt, setPausedAt] = useState<readonly ChatMessage[]>()
  const shown = pausedAt ?? messages
  const list = useRef<HTMLDivElement>(null)
  const reads = useRef(false) // scrolled up: new messages pull nobody down
  useEffect(() => {
    if (!reads.current) list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [shown])
  return (
    <section class="chat" aria-label={t('chat.title')}>
      <header class="row row-apart chat-head">
        <h2>{t('chat.title')}</h2>
        <button
          type="button"
          class="link-button"
          data-testid={testIds.chatPause}
          onClick={() => setPausedAt(pausedAt === undefined ? messages : undefined)}
        >
          {pausedAt === undefined ? t('chat.pause') : t('chat.resume')}
        </button>
      </header>
      <div
        ref={list}
        class="chat-log"
        role="log"
        aria-live="off"
        tabIndex={0}
        aria-label={t('chat.title')}
        data-testid={testIds.chatLog}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          reads.current = scrollHeight - scrollTop - clientHeight > atBottomPixels
        }}
      >
        {shown.length === 0 && <p class="muted">{t('chat.none')}</p>}
        {shown.map((message) => (
          <p key={message.id}>
            <b>{message.displayName}</b> <span>{message.text}</span>
          </p>
        ))}
      </div>
      {!closed && <ChatForm broadcastId={broadcastId} />}
    </section>
  )
}

/** Each text leaves the field when it is sent, one after the other; one that was refused comes back, or is shown. */
function ChatForm({ broadcastId }: { broadcastId: string }) {
  const field = useRef<HTMLInputElement>(null)
  const sending = useRef<Promise<void>>(Promise.resolve())
  const [waiting, setWaiting] = useState(0)
  const [failed, setFailed] = useState<{ text: string; error: unknown }>()
  const send = (text: string) => {
    setFailed(undefined)
    setWaiting((count) => count + 1)
    sending.current = sending.current
      .then(() => sendChat(broadcastId, text))
      .catch((error: unknown) => {
        const input = field.current
        if (input?.value === '') input.value = text
        setFailed({ text: input?.value === text ? '' : text, error })
      })
      .finally(() => setWaiting((count) => count - 1))
  }
  if (!account.value) {
    return (
      <Link class="button button-quiet" href={`/sign-in?next=/watch/${broadcastId}`}>
        {t('chat.signIn')}
      </Link>
    )
  }
  return (
    <form
      class="chat-form"
      onSubmit={(event) => {
        event.preventDefault()
        const text = readText(event.currentTarget, 'text')
        if (text === '' || waiting >= mostWaiting) return // then it stays in the field
        event.currentTarget.reset()
        send(text)
      }}
    >
      <input
        ref={field}
        name="text"
        maxLength={longestText}
        autocomplete="off"
        placeholder={t('chat.say')}
        aria-label={t('chat.say')}
        data-testid={testIds.chatInput}
      />
      <button
        type="submit"
        class="icon-button"
        disabled={waiting >= mostWaiting}
        aria-label={t('chat.send')}
        data-testid={testIds.chatSend}
      >
        <Icon name="send" />
      </button>
      <ErrorNote error={failed?.error} />
      {failed !== undefined && failed.text !== '' && (
        <p class="small chat-unsent">{t('chat.unsent', { text: failed.text })}</p>
      )}
    </form>
  )
}
