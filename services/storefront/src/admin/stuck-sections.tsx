import { useState } from 'preact/hooks'
import { askGateway, retry, retryAll, tellAgain } from '../api/admin.ts'
import type { GatewayWord, StuckPayments as Stuck } from '../api/model.ts'
import { refund } from '../api/payment.ts'
import { randomKey } from '../api/random-key.ts'
import { formatMoney, formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'

const takenStates: ReadonlySet<string> = new Set(['CAPTURED', 'PARTIALLY_REFUNDED'])

/** All that was set aside, taken up at once: a gateway came back, or a fault was mended. */
export function RetryAll({ stuck, onDone }: { stuck: Stuck; onDone: () => void }) {
  const [taken, setTaken] = useState<number>()
  const again = useAction(async () => {
    setTaken(await retryAll())
    onDone()
  })
  const aside = [
    ...stuck.payments.filter(({ nextAttemptAt }) => nextAttemptAt === null),
    ...stuck.refunds.filter(({ isSetAside }) => isSetAside),
    ...stuck.events,
  ].length
  if (aside === 0 && taken === undefined) return null
  return (
    <section class="panel stack">
      {aside > 0 && (
        <ConfirmButton
          label={t('admin.retryAll', { count: aside })}
          warning={t('admin.retryAllWarning')}
          busy={again.busy}
          testId={testIds.adminRetryAll}
          onConfirm={() => again.run()}
        />
      )}
      {taken !== undefined && <p role="status">{t('admin.retriedAll', { count: taken })}</p>}
      <ErrorNote error={again.error} />
    </section>
  )
}

/** Payments without an ending: asked about, taken up at once, or, where money was taken, given back. */
export function StuckPayments({ payments, onDone }: { payments: Stuck['payments']; onDone: () => void }) {
  return (
    <section class="panel stack" aria-labelledby="stuck-payments">
      <h2 id="stuck-payments">{t('admin.payments')}</h2>
      {payments.length === 0 && <p class="muted">{t('admin.none')}</p>}
      <ul class="stack">
        {payments.map((payment) => (
          <StuckPayment key={payment.id} payment={payment} onDone={onDone} />
        ))}
      </ul>
    </section>
  )
}

function StuckPayment({ payment, onDone }: { payment: Stuck['payments'][number]; onDone: () => void }) {
  const [word, setWord] = useState<GatewayWord>()
  const [key] = useState(randomKey) // pressing again cannot give back twice
  const again = useAction(async () => {
    await retry('payments', payment.id)
    onDone()
  })
  const ask = useAction(async () => setWord(await askGateway(payment.id)))
  const giveBack = useAction(async () => {
    await refund(payment.id, true, key)
    onDone()
  })
  const busy = again.busy || ask.busy || giveBack.busy
  return (
    <li class="stack" data-testid={testIds.stuckPayment(payment.id)} data-state={payment.state}>
      <p>
        <b>{payment.state}</b> · {payment.id} · {payment.orderId} ·{' '}
        {payment.amount ? formatMoney(payment.amount, locale.value) : '—'} · {payment.gateway}
      </p>
      <p class="muted small">
        {formatTime(payment.createdAt, locale.value)} · {t('admin.attempts', { count: payment.attempts })}
        {' · '}
        {payment.nextAttemptAt === null
          ? t('admin.aside')
          : t('admin.next', { time: formatTime(payment.nextAttemptAt, locale.value) })}
        {payment.lastWord && ` · ${payment.lastWord}`}
      </p>
      {payment.owed && <p>{t('admin.owed', { amount: formatMoney(payment.owed, locale.value) })}</p>}
      {word && (
        <p role="status" data-testid={testIds.gatewayWord} data-state={word.status}>
          {t('admin.says', {
            status: [word.status, word.amount, word.code].filter((part) => part !== null).join(' · '),
          })}
        </p>
      )}
      <div class="row">
        <button type="button" class="button" disabled={busy} data-testid={testIds.adminAsk} onClick={() => ask.run()}>
          {t('admin.ask')}
        </button>
        <button
          type="button"
          class="button"
          disabled={busy}
          data-testid={testIds.adminRetry}
          onClick={() => again.run()}
        >
          {t('common.retry')}
        </button>
        {takenStates.has(payment.state) && (
          <ConfirmButton
            label={t('admin.refund')}
            warning={t('admin.refundWarning')}
            busy={busy}
            testId={testIds.adminRefund}
            onConfirm={() => giveBack.run()}
          />
        )}
      </div>
      <ErrorNote error={again.error ?? ask.error ?? giveBack.error} />
    </li>
  )
}

/** Refunds that are under way or were refused, with the law's clock. */
export function StuckRefunds({ refunds, onDone }: { refunds: Stuck['refunds']; onDone: () => void }) {
  const again = useAction(async (id: string) => {
    await retry('refunds', id)
    onDone()
  })
  return (
    <section class="panel stack" aria-labelledby="stuck-refunds">
      <h2 id="stuck-refunds">{t('admin.refunds')}</h2>
      {refunds.length === 0 && <p class="muted">{t('admin.none')}</p>}
      <ul class="stack">
        {refunds.map(({ id, paymentId, amount, state, failureReason, dueAt, lateInterest, isSetAside, lastWord }) => (
          <li key={id} class="stack" data-testid={testIds.stuckRefund(id)} data-state={state}>
            <p>
              <b>{state}</b> · {id} · {paymentId} · {formatMoney(amount, locale.value)}{' '}
              {failureReason !== null && `· ${failureReason}`}
            </p>
            <p class="muted small">
              {t('refund.due', { time: formatTime(dueAt, locale.value) })}
              {lateInterest.amount > 0 &&
                ` · ${t('refund.interest', { amount: formatMoney(lateInterest, locale.value) })}`}
              {isSetAside && ` · ${t('admin.aside')}`}
              {state === 'REQUESTED' && lastWord && ` · ${lastWord}`}
            </p>
            {state === 'REQUESTED' && (
              <button type="button" class="button" disabled={again.busy} onClick={() => again.run(id)}>
                {t('common.retry')}
              </button>
            )}
          </li>
        ))}
      </ul>
      <ErrorNote error={again.error} />
    </section>
  )
}

/** Events that commerce refused too often. */
export function StuckEvents({ events, onDone }: { events: Stuck['events']; onDone: () => void }) {
  const again = useAction(async (seq: number) => {
    await tellAgain(seq)
    onDone()
  })
  return (
    <section class="panel stack" aria-labelledby="stuck-events">
      <h2 id="stuck-events">{t('admin.events')}</h2>
      {events.length === 0 && <p class="muted">{t('admin.none')}</p>}
      <ul class="stack">
        {events.map(({ seq, key, type, since, lastError }) => (
          <li key={seq} class="stack">
            <p>
              <b>{type}</b> · {key} · {lastError}
            </p>
            <p class="muted small">{formatTime(since, locale.value)}</p>
            <button type="button" class="button" disabled={again.busy} onClick={() => again.run(seq)}>
              {t('admin.tellAgain')}
            </button>
          </li>
        ))}
      </ul>
      <ErrorNote error={again.error} />
    </section>
  )
}
