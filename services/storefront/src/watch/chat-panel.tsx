import type { ChatSettings } from '@mytaek1/contracts/live-events.ts'
import type { ComponentChildren, TargetedEvent } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Account } from '../api/model.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import { lazyPage } from '../ui/lazy-page.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { ChatForm } from './chat-form.tsx'
import { ChatLine } from './chat-message.tsx'
import { chatText } from './chat-texts.ts'
import type { ChatMessage } from './live-state.ts'
import type { KeeperRole } from './message-menu.tsx'

const ChatSwitches = lazyPage(async () => (await import('./chat-switches.tsx')).ChatSwitches)
const MessageMenu = lazyPage(async () => (await import('./message-menu.tsx')).MessageMenu)
const atBottomPixels = 40

/**
 * The chat: newest at the bottom, can be paused (WCAG 2.2.2); who reads further up stays there and is told what came. Each
 * message has a menu: to answer and report it, and for those who keep the chat to take it away and to keep its author out.
 */
export function ChatPanel({
  broadcastId,
  sellerId,
  messages,
  hidden,
  settings,
  closed,
  onSaid,
  onSignIn,
  replies,
}: {
  broadcastId: string
  sellerId: string
  messages: readonly ChatMessage[]
  /** Ids that were taken away. */
  hidden: readonly string[]
  settings: ChatSettings
  closed: boolean
  onSaid: (message: ChatMessage) => void
  /** Undefined: who is here is signed in. */
  onSignIn?: () => void
  /** More ways to answer a message, in its menu. */
  replies?: (message: ChatMessage, close: () => void) => ComponentChildren
}) {
  const [pausedAt, setPausedAt] = useState<readonly ChatMessage[]>()
  const [menuOf, setMenuOf] = useState<ChatMessage>()
  const [replyTo, setReplyTo] = useState<ChatMessage>()
  const [setting, setSetting] = useState(false)
  const shown = pausedAt?.filter(({ id }) => !hidden.includes(id)) ?? messages // a paused chat, too, loses what is taken away
  const byId = new Map(shown.map((message) => [message.id, message]))
  const { log, unseen, toNewest, onScroll } = useNewest(shown)
  const me = account.value
  const role = keeperRole(me, sellerId)
  const staff = role !== undefined
  const hasMenu = (message: ChatMessage) => me !== null && me !== undefined && (staff || message.author?.id !== me.id)
  const mayWrite = !closed && (staff || !settings.frozen)
  return (
    <section class="chat" aria-label={t('chat.title')} tabIndex={-1}>
      <header class="row row-apart chat-head">
        <h2>{t('chat.title')}</h2>
        {role === 'moderator' && !closed && (
          <button type="button" class="chat-pause" data-testid={testIds.chatKeep} onClick={() => setSetting(true)}>
            <Icon name="more" />
            <span>{chatText('tools')}</span>
          </button>
        )}
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
      {settings.notice && (
        <p class="chat-notice" role="status" data-testid={testIds.chatNotice}>
          <Icon name="pin" />
          <span>
            <span class="visually-hidden">{chatText('pinned')}</span> <b>{settings.notice.displayName}</b>{' '}
            {settings.notice.text}
          </span>
        </p>
      )}
      <div
        ref={log}
        class="chat-log"
        role="log"
        aria-live="off"
        tabIndex={0}
        aria-label={t('chat.title')}
        aria-description={me ? chatText('keys') : undefined}
        data-testid={testIds.chatLog}
        onScroll={onScroll}
        onKeyDown={goByKeys}
      >
        {shown.length === 0 && <p class="chat-none">{t('chat.none')}</p>}
        {shown.map((message) => (
          <ChatLine
            key={message.id}
            message={message}
            answered={message.replyTo && byId.get(message.replyTo.id)}
            onMenu={hasMenu(message) ? () => setMenuOf(message) : undefined}
          />
        ))}
      </div>
      {unseen > 0 && (
        <button type="button" class="chat-new" data-testid={testIds.chatNew} onClick={toNewest}>
          {t('chat.new', { count: unseen })}
        </button>
      )}
      {!closed && !mayWrite && (
        <p class="chat-frozen" role="status">
          {chatText('frozen')}
        </p>
      )}
      {mayWrite && (
        <ChatForm
          broadcastId={broadcastId}
          slowSeconds={staff ? 0 : settings.slowSeconds}
          replyTo={replyTo}
          onReplied={() => setReplyTo(undefined)}
          onSaid={onSaid}
          onSignIn={onSignIn}
        />
      )}
      {setting && (
        <Sheet labelledBy="chat-switches-title" onClose={() => setSetting(false)}>
          <section class="stack" tabIndex={-1}>
            <header class="row row-apart">
              <h2 id="chat-switches-title">{chatText('tools')}</h2>
              <button
                type="button"
                class="icon-button"
                aria-label={t('common.close')}
                onClick={() => setSetting(false)}
              >
                <Icon name="close" />
              </button>
            </header>
            <ChatSwitches broadcastId={broadcastId} settings={settings} />
          </section>
        </Sheet>
      )}
      {menuOf && (
        <Sheet labelledBy="message-menu-title" onClose={() => setMenuOf(undefined)}>
          <MessageMenu
            broadcastId={broadcastId}
            message={menuOf}
            role={role}
            onReply={mayWrite ? () => setReplyTo(menuOf) : undefined}
            onClose={() => setMenuOf(undefined)}
            replies={mayWrite && replies?.(menuOf, () => setMenuOf(undefined))}
          />
        </Sheet>
      )}
    </section>
  )
}

/** What somebody is here who keeps the chat in order; undefined for viewers. The service decides; this shows the tools. */
function keeperRole(me: Account | null | undefined, sellerId: string): KeeperRole | undefined {
  if (me?.id === sellerId) return 'host'
  if (me?.role === 'admin') return 'staff'
  return me?.moderates?.includes(sellerId) ? 'moderator' : undefined
}

const steps: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 }

/** From message to message by the arrow keys; the newest first. */
function goByKeys(event: TargetedEvent<HTMLDivElement, KeyboardEvent>): void {
  const step = steps[event.key]
  if (step === undefined) return
  const menus = [...event.currentTarget.querySelectorAll<HTMLElement>('.chat-more')]
  const at = menus.findIndex((menu) => menu === document.activeElement)
  const next = menus.at(at === -1 ? -1 : Math.min(Math.max(at + step, 0), menus.length - 1))
  if (next === undefined) return
  event.preventDefault() // the log scrolls to what has the focus
  next.focus()
}

/**
 * Keeps the newest message in sight, unless the reader has scrolled up: then counts what came since. Where the reader is
 * stands in the element; the event that tells of a scroll comes a frame later, and a message may come between.
 */
function useNewest(shown: readonly ChatMessage[]) {
  const log = useRef<HTMLDivElement>(null)
  const newest = shown.at(-1)?.id
  const drawn = useRef({ newest, top: 0 }) // what was followed last, and where the log stood then
  const [readTo, setReadTo] = useState<string | null>(null) // the newest message when the reader left the bottom
  const left = log.current !== null && log.current.scrollTop < drawn.current.top && isAbove(log.current) // before it grows
  useLayoutEffect(() => {
    if (readTo !== null) return
    if (left) return setReadTo(drawn.current.newest ?? '')
    log.current?.scrollTo({ top: log.current.scrollHeight })
    drawn.current = { newest, top: log.current?.scrollTop ?? 0 }
  }, [newest, shown.length, readTo])
  const at = shown.findIndex(({ id }) => id === readTo) // -1: dropped since
  return {
    log,
    unseen: readTo === null ? 0 : shown.length - 1 - at,
    toNewest: () => {
      log.current?.scrollTo({ top: log.current.scrollHeight })
      log.current?.focus()
      setReadTo(null)
    },
    onScroll: ({ currentTarget }: TargetedEvent<HTMLDivElement>) => {
      const above = isAbove(currentTarget)
      setReadTo((before) => (above ? (before ?? newest ?? '') : null))
    },
  }
}

function isAbove({ scrollHeight, scrollTop, clientHeight }: HTMLDivElement): boolean {
  return scrollHeight - scrollTop - clientHeight > atBottomPixels
}
