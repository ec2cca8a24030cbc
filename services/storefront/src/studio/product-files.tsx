import { useState } from 'preact/hooks'
import { importProductFile, readProductFile, type ImportLine } from '../api/product-files.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readFiles } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { nothingYet, withStep, type ImportOutcome } from './import-outcome.ts'
import { columnText, faultText, fileText } from './product-file-texts.ts'
import { saveFile } from './save-file.ts'

/** The seller's products as a file: saved, and taken back after its outcome was shown. */
export function ProductFiles({ onChanged }: { onChanged: () => void }) {
  const [file, setFile] = useState<File>()
  const [outcome, setOutcome] = useState<ImportOutcome>()
  const saving = useAction(async () => saveFile('products.csv', await readProductFile(locale.value)))
  const taking = useAction(async (chosen: File, dryRun: boolean) => {
    let now = nothingYet(dryRun)
    setOutcome(now)
    try {
      for await (const step of importProductFile(chosen, { dryRun })) setOutcome((now = withStep(now, step)))
    } finally {
      if (!dryRun) onChanged()
    }
  })
  const choose = (form: HTMLFormElement) => {
    const [chosen] = readFiles(form, 'file')
    setFile(chosen)
    setOutcome(undefined)
    if (chosen !== undefined) taking.run(chosen, true)
  }
  const isReady = outcome?.dryRun === true && outcome.isOver && outcome.counts.create + outcome.counts.change > 0
  return (
    <details data-testid={testIds.productFiles}>
      <summary>{fileText('title')}</summary>
      <div class="stack">
        <button
          type="button"
          class="button"
          disabled={saving.busy}
          data-testid={testIds.productFileSave}
          onClick={() => saving.run()}
        >
          {saving.busy ? fileText('saving') : fileText('save')}
        </button>
        <ErrorNote error={saving.error} />
        <form class="stack form" onChange={(event) => choose(event.currentTarget)}>
          <Field
            label={fileText('choose')}
            hint={fileText('hint')}
            name="file"
            type="file"
            accept=".csv,text/csv"
            disabled={taking.busy}
            testId={testIds.productFile}
          />
        </form>
        <ErrorNote error={taking.error} />
        <p role="status" data-testid={testIds.importOutcome} data-over={outcome?.isOver}>
          {outcome && summaryOf(outcome)}
        </p>
        {outcome && <Lines outcome={outcome} />}
        {isReady && file && (
          <button
            type="button"
            class="button button-primary"
            disabled={taking.busy}
            data-testid={testIds.importApply}
            onClick={() => taking.run(file, false)}
          >
            {fileText('apply')}
          </button>
        )}
      </div>
    </details>
  )
}

function summaryOf({ dryRun, counts, products, faults, isOver }: ImportOutcome): string {
  if (faults.length > 0) return fileText('unread')
  if (!isOver) return fileText(dryRun ? 'looking' : 'writing', { ...products })
  return fileText(dryRun ? 'looked' : 'written', counts)
}

function Lines({ outcome: { lines, further, faults } }: { outcome: ImportOutcome }) {
  return (
    <ul class="small">
      {faults.map((fault) => (
        <li key={`${fault.line} ${fault.column} ${fault.rule}`} data-rule={fault.rule}>
          {fileText('line', { line: fault.line })}: {faultText(fault)}
        </li>
      ))}
      {lines.map((line) => (
        <li key={line.line} data-testid={testIds.importLine(line.line)} data-deed={line.deed}>
          {fileText('line', { line: line.line })}, {line.name}: {line.deed !== 'same' && fileText(line.deed)}
          <ul>
            {textsOf(line).map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </li>
      ))}
      {further > 0 && <li>{fileText('more', { count: further })}</li>}
    </ul>
  )
}

// of a new row there is nothing to compare with: the file says it
const textsOf = ({ deed, changes, faults }: ImportLine): string[] => [
  ...faults.map(faultText),
  ...(deed === 'change' ? changes : []).map(({ column, from, to }) =>
    fileText('from', { column: columnText(column), from: from ?? '–', to }),
  ),
]
