import { useId, useState } from 'preact/hooks'
import { readStatement } from '../api/payment.ts'
import { serverNow } from '../api/server-clock.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { saveFile } from './save-file.ts'

const dayMs = 86_400_000

/** A seller's statement of some days, the last thirty at first, as a file: sales, refunds, fees and the balance. */
export function StatementForm() {
  const [from, setFrom] = useState(() => dayInKorea(serverNow() - 29 * dayMs))
  const [to, setTo] = useState(() => dayInKorea(serverNow()))
  const id = useId()
  const save = useAction(async () => saveFile(`payouts-${from}-${to}.csv`, await readStatement(from, to)))
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        save.run()
      }}
    >
      <label for={`${id}-from`}>{t('statement.from')}</label>
      <input
        id={`${id}-from`}
        type="date"
        required
        value={from}
        max={to}
        onInput={(e) => setFrom(e.currentTarget.value)}
      />
      <label for={`${id}-to`}>{t('statement.to')}</label>
      <input id={`${id}-to`} type="date" required value={to} min={from} onInput={(e) => setTo(e.currentTarget.value)} />
      <button type="submit" class="button" disabled={save.busy} data-testid={testIds.statement}>
        {t('statement.save')}
      </button>
      <ErrorNote error={save.error} />
    </form>
  )
}

const dayInKorea = (time: number) => new Date(time + 9 * 3_600_000).toISOString().slice(0, 10)
