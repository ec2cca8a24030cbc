import { useState } from 'preact/hooks'
import type { Order, Payment } from '../api/model.ts'
import { cancelDeposit } from '../api/payment.ts'
import { formatMoney, formatTime } from '../i18n/format.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { bankName } from './banks.ts'
import { depositText } from './deposit-texts.ts'
import '../styles/receipt.css' // oxlint-disable-line import/no-unassigned-import -- styles have no names

/** Where a buyer pays in to and until when; or that it is not wanted any more. */
export function DepositNote({
  order,
  payment: { id, deposit },
}: {
  order: Order
  payment: Pick<Payment, 'id' | 'deposit'>
}) {
  const [left, setLeft] = useState(false)
  const leave = useAction(async () => {
    await cancelDeposit(id)
    setLeft(true)
  })
  if (deposit === null) return null
  return (
    <div class="stack" data-testid={testIds.deposit}>
      <p>{depositText('title')}</p>
      <dl class="receipt-facts">
        <dt>{depositText('bank')}</dt>
        <dd>{bankName(deposit.bank, locale.value)}</dd>
        <dt>{depositText('account')}</dt>
        <dd data-testid={testIds.depositAccount}>{deposit.accountNumber}</dd>
        <dt>{depositText('amount')}</dt>
        <dd>{formatMoney(order.total, locale.value)}</dd>
        <dt>{depositText('until')}</dt>
        <dd>{formatTime(deposit.until, locale.value)}</dd>
      </dl>
      <p class="muted small">{depositText('whole')}</p>
      <ErrorNote error={leave.error} />
      <button type="button" class="link-button" disabled={leave.busy || left} onClick={() => leave.run()}>
        {depositText('leave')}
      </button>
    </div>
  )
}
