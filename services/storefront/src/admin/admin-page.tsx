import { AccountGate } from '../accounts/account-gate.tsx'
import { listAudit, listSettlements, listStuck } from '../api/admin.ts'
import { account } from '../api/session.ts'
import { formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { CouponsSection } from '../studio/coupons-section.tsx'
import { ReportsSection } from '../studio/reports-section.tsx'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { SettlementSection } from './settlement-section.tsx'
import { ReturnedMoney } from './returned-section.tsx'
import { RetryAll, StuckEvents, StuckPayments, StuckRefunds } from './stuck-sections.tsx'
import '../styles/receipt.css' // oxlint-disable-line import/no-unassigned-import -- styles have no names

/** `/admin`: money that got stuck, what gateways settled otherwise, and who did what about it. */
export function AdminPage() {
  useTitle(t('admin.title'))
  return (
    <div class="page admin">
      <h1>{t('admin.title')}</h1>
      <AccountGate reason={t('account.needed')}>
        {account.value?.role === 'admin' ? <Desk key={account.value.id} /> : <p class="panel">{t('admin.only')}</p>}
      </AccountGate>
    </div>
  )
}

function Desk() {
  const stuck = useResource(listStuck)
  const settlements = useResource(listSettlements)
  const audit = useResource(listAudit)
  const reload = () => {
    stuck.reload()
    settlements.reload()
    audit.reload()
  }
  return (
    <div class="stack">
      <ErrorNote error={stuck.error ?? settlements.error ?? audit.error} />
      <button type="button" class="button" data-testid={testIds.adminReload} onClick={reload}>
        {t('admin.reload')}
      </button>
      {stuck.value && (
        <>
          <RetryAll stuck={stuck.value} onDone={reload} />
          <StuckPayments payments={stuck.value.payments} onDone={reload} />
          <StuckRefunds refunds={stuck.value.refunds} onDone={reload} />
          <ReturnedMoney returned={stuck.value.returned} />
          <StuckEvents events={stuck.value.events} onDone={reload} />
        </>
      )}
      <ReportsSection />
      <CouponsSection isPlatform />
      {settlements.value && <SettlementSection {...settlements.value} />}
      <section class="panel stack" aria-labelledby="audit-title">
        <h2 id="audit-title">{t('admin.audit')}</h2>
        {audit.value?.length === 0 && <p class="muted">{t('admin.none')}</p>}
        <ul class="small" data-testid={testIds.adminAudit}>
          {audit.value?.map(({ at, actorId, actorRole, action, subject, details }) => (
            <li key={at + subject + action}>
              {formatTime(at, locale.value)} · {actorRole} {actorId} · <b>{action}</b> · {subject}{' '}
              {details !== subject && details}
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}
