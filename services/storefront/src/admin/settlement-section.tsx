import type { Settlements } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'

/** The gateways' days as they were compared, and what differs; amounts are minor units, as both sides wrote them. */
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
                <th scope="col">{t('receipt.payment')}</th>
                <th scope="col">{t('admin.ours')}</th>
                <th scope="col">{t('admin.theirs')}</th>
              </tr>
            </thead>
            <tbody>
              {differences.map(({ gateway, reference, paymentId, kind, ours, theirs }) => (
                <tr key={gateway + reference}>
                  <td>{kind}</td>
                  <td>{gateway}</td>
                  <td>{paymentId ?? reference}</td>
                  <td>{ours}</td>
                  <td>{theirs}</td>
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
            {days.map(({ gateway, day, payments, fees, payout }) => (
              <tr key={gateway + day}>
                <td>{day}</td>
                <td>{gateway}</td>
                <td>{payments}</td>
                <td>{fees}</td>
                <td>{payout}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
