import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { AccountGate } from '../accounts/account-gate.tsx'
import { admitAccount, listChatActs, listRestricted, readChatRules, setChatRules } from '../api/chat.ts'
import { listOwnBroadcasts } from '../api/commerce.ts'
import { account } from '../api/session.ts'
import { formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readChosen, readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { chatDeskText } from './chat-desk-texts.ts'
import { AnswersSection } from './answers-section.tsx'
import { ModeratorsSection } from './moderators-section.tsx'
import { ReportsSection } from './reports-section.tsx'
import '../styles/studio.css' // oxlint-disable-line import/no-unassigned-import -- styles have no names

/** `/studio/chat`: answers kept ready, what nobody may write, what was reported, who is kept from the chat, and what was done. */
export function ChatPage() {
  useTitle(chatDeskText('title'))
  return (
    <div class="page page-narrow">
      <header class="hero">
        <h1>{chatDeskText('title')}</h1>
        <p class="muted">{chatDeskText('intro')}</p>
        <Link href="/studio">{t('studio.title')}</Link>
      </header>
      <AccountGate reason={t('account.needed')}>
        <Desk key={account.value?.id} />
      </AccountGate>
    </div>
  )
}

function Desk() {
  const broadcasts = useResource(listOwnBroadcasts)
  const last = broadcasts.value?.[0]
  return (
    <div class="stack">
      <ReportsSection />
      <AnswersSection />
      <Rules />
      <ModeratorsSection />
      <ErrorNote error={broadcasts.error} />
      {last && <Restricted broadcastId={last.id} />}
      {last && <Acts broadcastId={last.id} />}
    </div>
  )
}

function Rules() {
  const rules = useResource(readChatRules)
  const [saved, setSaved] = useState(false)
  const save = useAction(async (form: HTMLFormElement) => {
    setSaved(false)
    const lines = readText(form, 'bannedWords').split('\n')
    const bannedWords = [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))]
    await setChatRules({ bannedWords, links: readChosen(form, 'links').length > 0 ? 'staff' : 'everybody' })
    setSaved(true)
  })
  return (
    <section class="panel stack" aria-labelledby="words-title">
      <h2 id="words-title">{chatDeskText('words')}</h2>
      <ErrorNote error={rules.error ?? save.error} />
      {rules.value && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault()
            save.run(event.currentTarget)
          }}
        >
          <Field
            label={chatDeskText('words')}
            hint={chatDeskText('wordsHint')}
            name="bannedWords"
            multiline
            defaultValue={rules.value.bannedWords.join('\n')}
            testId={testIds.bannedWords}
          />
          <label class="check">
            <input
              type="checkbox"
              name="links"
              value="staff"
              defaultChecked={rules.value.links === 'staff'}
              data-testid={testIds.linksByStaff}
            />
            {chatDeskText('links')}
          </label>
          <button type="submit" class="button" disabled={save.busy} data-testid={testIds.saveChatRules}>
            {t('common.save')}
          </button>
          <p role="status">{saved && chatDeskText('saved')}</p>
        </form>
      )}
    </section>
  )
}

function Restricted({ broadcastId }: { broadcastId: string }) {
  const restricted = useResource(() => listRestricted(broadcastId))
  const admit = useAction(async (id: string) => {
    await admitAccount(broadcastId, id)
    restricted.reload()
  })
  return (
    <section class="panel stack" aria-labelledby="restricted-title">
      <h2 id="restricted-title">{chatDeskText('restricted')}</h2>
      <ErrorNote error={restricted.error ?? admit.error} />
      {restricted.value?.length === 0 && <p class="muted">{chatDeskText('restrictedNone')}</p>}
      <ul class="stack">
        {restricted.value?.map(({ accountId, displayName, kind, until }) => (
          <li key={accountId} class="row row-apart" data-testid={testIds.restricted(accountId)} data-kind={kind}>
            <span>
              {displayName}{' '}
              <span class="muted small">
                {chatDeskText(`kind.${kind}`)} ·{' '}
                {until === null
                  ? chatDeskText('forGood')
                  : chatDeskText('until', { time: formatTime(until, locale.value) })}
              </span>
            </span>
            <button
              type="button"
              class="button button-quiet"
              aria-label={chatDeskText('admitOf', { name: displayName })}
              disabled={admit.busy}
              onClick={() => admit.run(accountId)}
            >
              {chatDeskText('admit')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Acts({ broadcastId }: { broadcastId: string }) {
  const acts = useResource(() => listChatActs(broadcastId))
  return (
    <section class="panel stack" aria-labelledby="acts-title">
      <h2 id="acts-title">{chatDeskText('acts')}</h2>
      <ErrorNote error={acts.error} />
      {acts.value?.length === 0 && <p class="muted">{chatDeskText('actsNone')}</p>}
      <ul class="small" data-testid={testIds.chatActs}>
        {acts.value?.map(({ at, act, actorRole, details }) => (
          <li key={at + act + details}>
            {formatTime(at, locale.value)} ·{' '}
            {chatDeskText(actorRole === 'admin' || actorRole === 'moderator' ? actorRole : 'seller')} ·{' '}
            <b>{chatDeskText(`act.${act}`)}</b> {act === 'settings' ? '' : details}
          </li>
        ))}
      </ul>
    </section>
  )
}
