import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import {
  deleteMessage,
  dismissModerator,
  nameModerator,
  pinMessage,
  reportMessage,
  restrictAccount,
  type RestrictionKind,
} from '../api/chat.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Icon } from '../ui/icon.tsx'
import { useAction } from '../ui/use-action.ts'
import type { ChatMessage } from './live-state.ts'
import { menuText } from './menu-texts.ts'

/** What somebody is who keeps the chat in order. */
export type KeeperRole = 'host' | 'staff' | 'moderator'

const reasons = ['abuse', 'spam', 'fraud', 'other'] as const
const mutes = [
  ['mute', 600],
  ['muteHour', 3_600],
  ['muteForGood', null],
] as const

/** What can be done with one message, in a sheet: buttons, one below the other, for thumbs and keys alike. */
export function MessageMenu({
  broadcastId,
  message,
  role,
  onReply,
  onClose,
  replies,
}: {
  broadcastId: string
  message: ChatMessage
  /** Undefined: a viewer. */
  role: KeeperRole | undefined
  /** Undefined: nothing may be said now. */
  onReply: (() => void) | undefined
  onClose: () => void
  /** More ways to answer. */
  replies: ComponentChildren
}) {
  const { author, displayName, text } = message
  return (
    <section class="stack" tabIndex={-1} data-testid={testIds.messageMenu}>
      <header class="row row-apart">
        <h2 id="message-menu-title">{menuText('title', { name: displayName })}</h2>
        <button type="button" class="icon-button" aria-label={t('common.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <blockquote class="muted">{text}</blockquote>
      {onReply && (
        <button
          type="button"
          class="button"
          data-testid={testIds.messageDeed('reply')}
          onClick={() => {
            onClose()
            onReply()
          }}
        >
          {menuText('reply')}
        </button>
      )}
      {replies}
      {role !== undefined && (
        <Deeds broadcastId={broadcastId} message={message} author={author} role={role} onClose={onClose} />
      )}
      {(role === undefined || role === 'moderator') && <Reporting broadcastId={broadcastId} chatId={message.id} />}
    </section>
  )
}

function Reporting({ broadcastId, chatId }: { broadcastId: string; chatId: string }) {
  const [done, setDone] = useState(false)
  const report = useAction(async (reason: (typeof reasons)[number]) => {
    await reportMessage(broadcastId, chatId, reason)
    setDone(true)
  })
  if (done) return <p role="status">{menuText('reported')}</p>
  return (
    <fieldset class="stack">
      <legend>{menuText('report')}</legend>
      {reasons.map((reason) => (
        <button
          key={reason}
          type="button"
          class="button"
          disabled={report.busy}
          data-testid={testIds.messageDeed(`report-${reason}`)}
          onClick={() => report.run(reason)}
        >
          {menuText(`report.${reason}`)}
        </button>
      ))}
      <ErrorNote error={report.error} />
    </fieldset>
  )
}

function Deeds({
  broadcastId,
  message,
  author,
  role,
  onClose,
}: {
  broadcastId: string
  message: ChatMessage
  author: ChatMessage['author']
  role: KeeperRole
  onClose: () => void
}) {
  const deed = useAction(async (work: () => Promise<unknown>) => {
    await work()
    onClose()
  })
  const restrict = (kind: RestrictionKind, seconds: number | null) =>
    deed.run(() => restrictAccount(broadcastId, author?.id ?? '', { kind, seconds }))
  const byViewer = (author?.role ?? 'viewer') === 'viewer'
  const mayAll = role !== 'moderator' // what moderators may is little; the service holds them to it
  return (
    <>
      {(mayAll || byViewer || author?.id === account.value?.id) && (
        <Deed name="delete" busy={deed.busy} onPress={() => deed.run(() => deleteMessage(broadcastId, message.id))} />
      )}
      {mayAll && (
        <Deed name="pin" busy={deed.busy} onPress={() => deed.run(() => pinMessage(broadcastId, message.id))} />
      )}
      {author !== undefined && byViewer && (
        <>
          {mutes
            .filter(([, seconds]) => mayAll || seconds !== null)
            .map(([name, seconds]) => (
              <Deed key={name} name={name} busy={deed.busy} onPress={() => restrict('mute', seconds)} />
            ))}
          {mayAll && (
            <>
              <Deed name="shadow" busy={deed.busy} onPress={() => restrict('shadow', null)} />
              <ConfirmButton
                label={menuText('ban')}
                warning={menuText('banWarning', { name: message.displayName })}
                busy={deed.busy}
                testId={testIds.messageDeed('ban')}
                onConfirm={() => restrict('ban', null)}
              />
            </>
          )}
          {role === 'host' && (
            <ConfirmButton
              label={menuText('name')}
              warning={menuText('nameWarning', { name: message.displayName })}
              busy={deed.busy}
              testId={testIds.messageDeed('name')}
              onConfirm={() => deed.run(() => nameModerator(author.id))}
            />
          )}
        </>
      )}
      {role === 'host' && author?.role === 'moderator' && (
        <Deed name="dismiss" busy={deed.busy} onPress={() => deed.run(() => dismissModerator(author.id))} />
      )}
      <ErrorNote error={deed.error} />
    </>
  )
}

function Deed({
  name,
  busy,
  onPress,
}: {
  name: 'delete' | 'pin' | 'shadow' | 'dismiss' | (typeof mutes)[number][0]
  busy: boolean
  onPress: () => void
}) {
  return (
    <button type="button" class="button" disabled={busy} data-testid={testIds.messageDeed(name)} onClick={onPress}>
      {menuText(name)}
    </button>
  )
}
