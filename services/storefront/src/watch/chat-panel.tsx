import { useEffect, useRef, useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { sendChat } from '../api/commerce.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { readText } from '../ui/form-values.ts'
import { Icon } from '../ui/icon.tsx'
import { useAction } from '../ui/use-action.ts'
import type { ChatMessage } from './live-state.ts'

const longestText = 200

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
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight })
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

function ChatForm({ broadcastId }: { broadcastId: string }) {
  const { run, busy, error } = useAction(async (form: HTMLFormElement) => {
    const text = readText(form, 'text')
    if (text === '') return
    await sendChat(broadcastId, text)
    form.reset()
  })
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
        run(event.currentTarget)
      }}
    >
      <input
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
        disabled={busy}
        aria-label={t('chat.send')}
        data-testid={testIds.chatSend}
      >
        <Icon name="send" />
      </button>
      <ErrorNote error={error} />
    </form>
  )
}
