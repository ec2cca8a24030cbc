import type { Settlements } from '../api/model.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { receiptText } from '../shop/receipt-texts.ts'

/** The gateways' days as they were compared, with what was paid out in each currency, and what differs. */
export function SettlementSection({ days, differences }: Settlements) {
  return (
    <section class="panel stack" aria-labelledby="settlement-title">
      <h2 id="settlement-title">{t('admin.settlements')}</h2>
      {differences.length === 0 && <p class="muted">{t('admin.same')}</p>}
      {differences.length > 0 && (
        <div class="admin-table">
          <table data-testid={testIds.settlementDifferences}>
            <thead>
              <tr>
                <th scope="col">{t('admin.what')}</th>
                <th scope="col">{t('admin.gateway')}</th>
                <th scope="col">{receiptText('receipt.payment')}</th>
                <th scope="col">{t('admin.ours')}</th>
                <th scope="col">{t('admin.theirs')}</th>
              </tr>
            </thead>
            <tbody>
              {differences.map(({ gateway, reference, paymentId, kind, currency, ours, theirs }) => (
                <tr key={gateway + reference}>
                  <td>{kind}</td>
                  <td>{gateway}</td>
                  <td>{paymentId ?? reference}</td>
                  <td>{shown(ours, currency)}</td>
                  <td>{shown(theirs, currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div class="admin-table">
        <table>
          <thead>
            <tr>
              <th scope="col">{t('admin.day')}</th>
              <th scope="col">{t('admin.gateway')}</th>
              <th scope="col">{t('admin.payments')}</th>
              <th scope="col">{t('admin.fees')}</th>
              <th scope="col">{t('admin.payout')}</th>
            </tr>
          </thead>
          <tbody>
            {days.map(({ gateway, day, payments, sums }) => (
              <tr key={gateway + day}>
                <td>{day}</td>
                <td>{gateway}</td>
                <td>{payments}</td>
                <td>{sums.map(({ fees, currency }) => shown(fees, currency)).join(' + ')}</td>
                <td>{sums.map(({ payout, currency }) => shown(payout, currency)).join(' + ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const shown = (amount: number, currency: string) => formatMoney({ amount, currency }, locale.value)
