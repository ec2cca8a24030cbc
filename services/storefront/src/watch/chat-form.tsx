import { useEffect, useRef, useState } from 'preact/hooks'
import { sendChat } from '../api/commerce.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { readText } from '../ui/form-values.ts'
import { Icon } from '../ui/icon.tsx'
import { chatText } from './chat-texts.ts'
import type { ChatMessage } from './live-state.ts'

const longestText = 200
const mostWaiting = 5 // texts on their way

/** Each text leaves the field when it is sent, one after the other; one that was refused comes back, or is shown. */
export function ChatForm({
  broadcastId,
  slowSeconds,
  replyTo,
  onReplied,
  onSaid,
  onSignIn,
}: {
  broadcastId: string
  slowSeconds: number
  replyTo: ChatMessage | undefined
  onReplied: () => void
  onSaid: (message: ChatMessage) => void
  onSignIn: (() => void) | undefined
}) {
  const field = useRef<HTMLInputElement>(null)
  const sending = useRef<Promise<void>>(Promise.resolve())
  const [waiting, setWaiting] = useState(0)
  useEffect(() => {
    if (replyTo !== undefined) field.current?.focus()
  }, [replyTo?.id])
  const [failed, setFailed] = useState<{ text: string; error: unknown }>()
  const send = (text: string) => {
    setFailed(undefined)
    setWaiting((count) => count + 1)
    const body = { text, ...(replyTo && { replyTo: replyTo.id }) }
    onReplied()
    sending.current = sending.current
      .then(async () => onSaid(await sendChat(broadcastId, body)))
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
      {replyTo && (
        <p class="chat-replying">
          <span>{chatText('replyTo', { name: replyTo.displayName })}</span>
          <button type="button" class="link-button" onClick={onReplied}>
            {chatText('noReply')}
          </button>
        </p>
      )}
      <input
        ref={field}
        name="text"
        maxLength={longestText}
        autocomplete="off"
        placeholder={slowSeconds > 0 ? chatText('slow', { seconds: slowSeconds }) : t('chat.say')}
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
