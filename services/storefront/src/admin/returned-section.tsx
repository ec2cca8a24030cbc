import type { StuckPayments } from '../api/model.ts'
import { formatMoney, formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'

/** Money that a gateway took and no order is paid with: it is with its buyer again, and a person should know why it came. */
export function ReturnedMoney({ returned }: Pick<StuckPayments, 'returned'>) {
  return (
    <section class="panel stack" aria-labelledby="returned-money">
      <h2 id="returned-money">{t('admin.returned')}</h2>
      {returned.length === 0 && <p class="muted">{t('admin.none')}</p>}
      <ul class="stack">
        {returned.map(({ paymentId, gateway, amount, reason, at }) => (
          <li key={paymentId + at} data-testid={testIds.returnedMoney(paymentId)}>
            <b>{formatMoney(amount, locale.value)}</b> · {paymentId} · {gateway} · {reason} ·{' '}
            <span class="muted small">{formatTime(at, locale.value)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
