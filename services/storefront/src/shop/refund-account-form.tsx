import { useId, useState } from 'preact/hooks'
import { tellRefundAccount } from '../api/payment.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { bankName, banks } from './banks.ts'
import { depositText } from './deposit-texts.ts'

/** Asks a buyer on which account money goes back that was paid into a virtual one. */
export function RefundAccountForm({ paymentId, onDone }: { paymentId: string; onDone: () => void }) {
  const [account, setAccount] = useState({ bank: '20', number: '', holder: '' })
  const id = useId()
  const tell = useAction(async () => {
    await tellRefundAccount(paymentId, account)
    onDone()
  })
  return (
    <form
      class="stack no-print"
      data-testid={testIds.refundAccount}
      onSubmit={(event) => {
        event.preventDefault()
        tell.run()
      }}
    >
      <p>{depositText('refundTo')}</p>
      <label for={`${id}-bank`}>{depositText('bank')}</label>
      <select
        id={`${id}-bank`}
        value={account.bank}
        onChange={(event) => setAccount({ ...account, bank: event.currentTarget.value })}
      >
        {Object.keys(banks).map((code) => (
          <option key={code} value={code}>
            {bankName(code, locale.value)}
          </option>
        ))}
      </select>
      <label for={`${id}-number`}>{depositText('account')}</label>
      <input
        id={`${id}-number`}
        inputMode="numeric"
        required
        pattern="[-0-9]{6,24}"
        data-testid={testIds.refundAccountNumber}
        value={account.number}
        onInput={(event) => setAccount({ ...account, number: event.currentTarget.value })}
      />
      <label for={`${id}-holder`}>{depositText('holder')}</label>
      <input
        id={`${id}-holder`}
        required
        maxLength={60}
        data-testid={testIds.refundAccountHolder}
        value={account.holder}
        onInput={(event) => setAccount({ ...account, holder: event.currentTarget.value })}
      />
      <ErrorNote error={tell.error} />
      <button type="submit" class="button" disabled={tell.busy}>
        {depositText('tell')}
      </button>
    </form>
  )
}
