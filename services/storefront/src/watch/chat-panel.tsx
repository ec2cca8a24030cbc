import type { TargetedEvent } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
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

/** The chat: newest at the bottom, can be paused (WCAG 2.2.2); who reads further up stays there and is told what came. */
export function ChatPanel({
  broadcastId,
  messages,
  closed,
  onSignIn,
}: {
  broadcastId: string
  messages: readonly ChatMessage[]
  closed: boolean
  /** Undefined: who is here is signed in. */
  onSignIn?: () => void
}) {
  const [pausedAt, setPausedAt] = useState<readonly ChatMessage[]>()
  const shown = pausedAt ?? messages
  const { log, unseen, toNewest, onScroll } = useNewest(shown)
  return (
    <section class="chat" aria-label={t('chat.title')} tabIndex={-1}>
      <header class="row row-apart chat-head">
        <h2>{t('chat.title')}</h2>
        <button
          type="button"
          class="chat-pause"
          data-testid={testIds.chatPause}
          onClick={() => setPausedAt(pausedAt === undefined ? messages : undefined)}
        >
          <Icon name={pausedAt === undefined ? 'holdChat' : 'goOnChat'} />
          <span>{pausedAt === undefined ? t('chat.pause') : t('chat.resume')}</span>
        </button>
      </header>
      <div
        ref={log}
        class="chat-log"
        role="log"
        aria-live="off"
        tabIndex={0}
        aria-label={t('chat.title')}
        data-testid={testIds.chatLog}
        onScroll={onScroll}
      >
        {shown.length === 0 && <p class="chat-none">{t('chat.none')}</p>}
        {shown.map((message) => (
          <Message key={message.id} message={message} />
        ))}
      </div>
      {unseen > 0 && (
        <button type="button" class="chat-new" data-testid={testIds.chatNew} onClick={toNewest}>
          {t('chat.new', { count: unseen })}
        </button>
      )}
      {!closed && <ChatForm broadcastId={broadcastId} onSignIn={onSignIn} />}
    </section>
  )
}

/** Names are anybody's: who sells here is told by a badge, which only the service gives. */
function Message({ message: { displayName, text, author } }: { message: ChatMessage }) {
  const role = author?.role ?? 'viewer'
  return (
    <p class={role === 'host' ? 'chat-host' : undefined}>
      {role !== 'viewer' && <span class={`chat-badge chat-badge-${role}`}>{t(`chat.${role}`)}</span>}
      <b>{displayName}</b> <span>{text}</span>
    </p>
  )
}

/** Keeps the newest message in sight, unless the reader has scrolled up: then counts what came since. */
function useNewest(shown: readonly ChatMessage[]) {
  const log = useRef<HTMLDivElement>(null)
  const newest = shown.at(-1)?.id
  const [readTo, setReadTo] = useState<string | null>(null) // the newest message when the reader left the bottom
  useLayoutEffect(() => {
    if (readTo === null) log.current?.scrollTo({ top: log.current.scrollHeight })
  }, [newest, shown.length, readTo])
  const at = shown.findIndex(({ id }) => id === readTo) // -1: dropped since
  return {
    log,
    unseen: readTo === null ? 0 : shown.length - 1 - at,
    toNewest: () => {
      setReadTo(null)
      log.current?.focus()
    },
    onScroll: ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: TargetedEvent<HTMLDivElement>) => {
      const below = scrollHeight - scrollTop - clientHeight > atBottomPixels
      setReadTo((before) => (below ? (before ?? newest ?? '') : null))
    },
  }
}

/** Each text leaves the field when it is sent, one after the other; one that was refused comes back, or is shown. */
function ChatForm({ broadcastId, onSignIn }: { broadcastId: string; onSignIn: (() => void) | undefined }) {
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
      <button type="button" class="button chat-sign-in" data-testid={testIds.chatSignIn} onClick={onSignIn}>
        {t('chat.signIn')}
      </button>
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
