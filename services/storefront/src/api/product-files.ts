/** A seller's products as a file: out, and in again in steps. */
import type { Locale } from '../i18n/locale.ts'
import type { Answer } from './operation.ts'
import { randomKey } from './random-key.ts'
import { operateSignedIn } from './session.ts'

const path = '/api/commerce/v1/products.csv'

export type ImportStep = Answer<'post', typeof path>
export type ImportLine = ImportStep['lines'][number]
export type ImportFault = ImportStep['faults'][number]

/** The text of the file with all products of the signed-in seller. */
export async function readProductFile(language: Locale): Promise<string> {
  const text: unknown = await operateSignedIn('get', path, { query: { language } })
  return String(text)
}

/**
 * Takes a file, or tells what that would do, step by step; sent again after no answer, for that changes nothing more.
 *
 * @yields what became of some more of its products
 */
export async function* importProductFile(file: Blob, { dryRun }: { dryRun: boolean }): AsyncGenerator<ImportStep> {
  const text = new Blob([file], { type: 'text/csv' }) // Windows calls it a spreadsheet
  for (let fromLine: number | null = 1; fromLine !== null;) {
    const query = { dryRun: dryRun ? ('true' as const) : ('false' as const), fromLine }
    const step: ImportStep = await operateSignedIn('post', path, { query, file: text, idempotencyKey: randomKey() })
    yield step
    fromLine = step.nextLine
  }
}
