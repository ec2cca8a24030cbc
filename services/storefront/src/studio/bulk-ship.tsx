import { useState } from 'preact/hooks'
import { shipLines } from '../api/sales.ts'
import type { ShippedLine } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { deskText } from './desk-texts.ts'

const codes = ['malformed', 'repeated', 'not_found', 'order_state', 'address_missing', 'claim_open'] as const
const isKnown = (code: string): code is (typeof codes)[number] => (codes as readonly string[]).includes(code)

/** Ships many orders by pasted lines, and says of each that was refused why. */
export function BulkShip({ onShipped }: { onShipped: () => void }) {
  const [results, setResults] = useState<readonly ShippedLine[]>()
  const ship = useAction(async (form: HTMLFormElement) => {
    const lines = await shipLines(readText(form, 'lines'))
    setResults(lines)
    if (lines.every(({ code }) => code === null)) form.reset()
    onShipped()
  })
  const refused = results?.filter(({ code }) => code !== null) ?? []
  return (
    <details class="panel" data-testid={testIds.bulkShip}>
      <summary>{deskText('desk.bulk')}</summary>
      <form
        class="stack form"
        onSubmit={(event) => {
          event.preventDefault()
          ship.run(event.currentTarget)
        }}
      >
        <Field
          label={deskText('desk.bulkLines')}
          hint={deskText('desk.bulkHint')}
          name="lines"
          multiline
          maxLength={50_000}
          testId={testIds.bulkLines}
        />
        <ErrorNote error={ship.error} testId={testIds.formError} />
        <button type="submit" class="button button-primary" disabled={ship.busy} data-testid={testIds.bulkSend}>
          {ship.busy ? t('common.loading') : deskText('desk.bulkSend')}
        </button>
        <div role="status">
          {results && (
            <p>{deskText('desk.bulkDone', { count: results.length - refused.length, refused: refused.length })}</p>
          )}
          <ul class="small">
            {refused.map(({ line, orderId, code }) => (
              <li key={line} data-testid={testIds.bulkRefused(line)} data-code={code}>
                {deskText('desk.bulkLine', { line, order: orderId ?? '' })}{' '}
                {code !== null && isKnown(code) ? deskText(`desk.refused.${code}`) : code}
              </li>
            ))}
          </ul>
        </div>
      </form>
    </details>
  )
}
