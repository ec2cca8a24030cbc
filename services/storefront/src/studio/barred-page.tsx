import { useEffect, useMemo, useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { AccountGate } from '../accounts/account-gate.tsx'
import { admitBuyer, barBuyer, listBarredBuyers, listOwnBroadcasts, readOrderBuyer } from '../api/commerce.ts'
import { ApiProblem } from '../api/problem.ts'
import { account } from '../api/session.ts'
import { formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { LiveFeed } from '../watch/live-feed.ts'
import { chattersOf } from './chatters.ts'
import '../styles/studio.css' // oxlint-disable-line import/no-unassigned-import -- styles have no names
import { barredText } from './barred-texts.ts'

/** `/studio/barred`: of whom the seller takes no orders. */
export function BarredPage() {
  useTitle(t('studio.barred'))
  return (
    <div class="page page-narrow">
      <header class="hero">
        <h1>{t('studio.barred')}</h1>
        <p class="muted">{barredText('barred.intro')}</p>
        <Link href="/studio">{t('studio.title')}</Link>
      </header>
      <AccountGate reason={t('account.needed')}>
        <Barred key={account.value?.id} />
      </AccountGate>
    </div>
  )
}

function Barred() {
  const barred = useResource(listBarredBuyers)
  const admit = useAction(async (id: string) => {
    await admitBuyer(id)
    barred.reload()
  })
  return (
    <div class="stack">
      <ByOrder onBarred={barred.reload} />
      <FromChat onBarred={barred.reload} />
      <section class="panel stack" aria-labelledby="barred-title">
        <h2 id="barred-title">{t('studio.barred')}</h2>
        <ErrorNote error={barred.error ?? admit.error} />
        {barred.value?.length === 0 && <p class="muted">{barredText('barred.none')}</p>}
        <ul class="stack">
          {barred.value?.map(({ id, displayName, barredAt }) => (
            <li key={id} class="row row-apart" data-testid={testIds.barredBuyer(id)}>
              <span>
                {displayName}{' '}
                <span class="muted small">
                  {barredText('barred.since', { time: formatTime(barredAt, locale.value) })} · {id}
                </span>
              </span>
              <button
                type="button"
                class="button button-quiet"
                aria-label={`${barredText('barred.admit')}: ${displayName}`}
                disabled={admit.busy}
                onClick={() => admit.run(id)}
              >
                {barredText('barred.admit')}
              </button>
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}

/** A seller knows an order's number, and seldom whose it is: the buyer's name is shown before anybody is barred. */
function ByOrder({ onBarred }: { onBarred: () => void }) {
  const [buyer, setBuyer] = useState<{ id: string; displayName: string } | null>()
  const find = useAction(async (form: HTMLFormElement) => {
    setBuyer(undefined)
    setBuyer(await readOrderBuyer(readText(form, 'order')).catch(unlessUnknown))
  })
  const bar = useAction(async (id: string) => {
    await barBuyer(id)
    setBuyer(undefined)
    onBarred()
  })
  return (
    <form
      class="panel stack"
      onSubmit={(event) => {
        event.preventDefault()
        find.run(event.currentTarget)
      }}
    >
      <h2>{barredText('barred.byOrder')}</h2>
      <Field
        label={barredText('barred.order')}
        hint={barredText('barred.orderHint')}
        error={buyer === null ? barredText('barred.notYours') : undefined}
        name="order"
        autocomplete="off"
        required
        maxLength={32}
        testId={testIds.barOrder}
      />
      <button class="button" type="submit" disabled={find.busy} data-testid={testIds.barOrderFind}>
        {barredText('barred.find')}
      </button>
      {buyer && (
        <ConfirmButton
          key={buyer.id}
          label={barredText('barred.bar', { name: buyer.displayName })}
          warning={barredText('barred.warning', { name: buyer.displayName })}
          busy={bar.busy}
          testId={testIds.barBuyer}
          onConfirm={() => bar.run(buyer.id)}
        />
      )}
      <ErrorNote error={find.error ?? bar.error} />
    </form>
  )
}

/** Who wrote in the chat of the seller's last show. */
function FromChat({ onBarred }: { onBarred: () => void }) {
  const broadcasts = useResource(listOwnBroadcasts)
  const last = broadcasts.value?.[0]
  return (
    <section class="panel stack" aria-labelledby="bar-chat-title">
      <h2 id="bar-chat-title">{barredText('barred.fromChat')}</h2>
      <ErrorNote error={broadcasts.error} />
      {last ? (
        <Chatters broadcastId={last.id} onBarred={onBarred} />
      ) : (
        <p class="muted">{barredText('barred.noShow')}</p>
      )}
    </section>
  )
}

function Chatters({ broadcastId, onBarred }: { broadcastId: string; onBarred: () => void }) {
  const feed = useMemo(() => new LiveFeed(broadcastId), [broadcastId])
  useEffect(() => {
    feed.start()
    return () => feed.stop()
  }, [feed])
  const [name, setName] = useState('')
  const bar = useAction(async (id: string) => {
    await barBuyer(id)
    onBarred()
  })
  const found = chattersOf(feed.live.value.chat, name)
  return (
    <>
      <Field
        label={barredText('barred.chatName')}
        name="name"
        autocomplete="off"
        maxLength={50}
        testId={testIds.barChatName}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      {found.length === 0 && <p class="muted">{barredText('barred.chatNone')}</p>}
      <ul class="stack">
        {found.map(({ id, displayName, said }) => (
          <li key={id} class="row row-apart" data-testid={testIds.barChatter(id)}>
            <span>
              <b>{displayName}</b> <span class="muted small">{said}</span>
            </span>
            <ConfirmButton
              label={barredText('barred.bar', { name: displayName })}
              warning={barredText('barred.warning', { name: displayName })}
              busy={bar.busy}
              testId={testIds.barBuyer}
              onConfirm={() => bar.run(id)}
            />
          </li>
        ))}
      </ul>
      <ErrorNote error={bar.error} />
    </>
  )
}

function unlessUnknown(error: unknown): null {
  if (error instanceof ApiProblem && (error.status === 404 || error.status === 400)) return null
  throw error
}
