import { useId, useState } from 'preact/hooks'
import { readSalesFile } from '../api/sales.ts'
import { serverNow } from '../api/server-clock.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { deskText } from './desk-texts.ts'
import { saveFile } from './save-file.ts'

const dayMs = 86_400_000
const dayInKorea = (time: number) => new Date(time + 9 * 3_600_000).toISOString().slice(0, 10)

/** Sales of some days, the last thirty at first, as a file for whoever keeps the books. */
export function SalesFileForm() {
  const [from, setFrom] = useState(() => dayInKorea(serverNow() - 29 * dayMs))
  const [to, setTo] = useState(() => dayInKorea(serverNow()))
  const id = useId()
  const save = useAction(async () => saveFile(`sales-${from}-${to}.csv`, await readSalesFile(from, to)))
  return (
    <details class="panel" data-testid={testIds.salesFile}>
      <summary>{deskText('desk.books')}</summary>
      <form
        class="stack form"
        onSubmit={(event) => {
          event.preventDefault()
          save.run()
        }}
      >
        <label for={`${id}-from`}>{deskText('desk.booksFrom')}</label>
        <input
          id={`${id}-from`}
          type="date"
          required
          value={from}
          max={to}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
        <label for={`${id}-to`}>{deskText('desk.booksTo')}</label>
        <input
          id={`${id}-to`}
          type="date"
          required
          value={to}
          min={from}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
        <ErrorNote error={save.error} testId={testIds.formError} />
        <button type="submit" class="button" disabled={save.busy} data-testid={testIds.salesFileSave}>
          {deskText('desk.booksSave')}
        </button>
      </form>
    </details>
  )
}
