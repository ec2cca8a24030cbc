/**
 * Lines of a CSV file (RFC 4180) that a person opens in a spreadsheet: it begins with a byte order mark, without which
 * Excel takes Korean for another character set, and no cell is taken for a formula, whoever wrote it (CWE-1236).
 */
export function csvFile(rows: readonly (readonly (string | number)[])[]): string {
  return `${byteOrderMark}${csvLines(rows)}`
}

export const byteOrderMark = '\uFEFF'

/** The same lines without their beginning, for files that are written piece by piece. */
export const csvLines = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')

// A formula begins with one of these; behind a space, too, for some spreadsheets cut it. What begins as a guarded one does
// is guarded again, so that taking one apostrophe away gives every text back.
const formula = /^'*\s*[=+\-@|\t\r＝＋－＠]/

// Read as a number or a date, and saved as another text: 00123, 1E5, 1-2, 10:30, 1.50. Whole numbers stay what they are.
const numeric = /^\d[\d\s.,:/\-e%년월일]*$/i
const wholeNumber = /^(?:0|[1-9]\d{0,14})$/

/** A text that a spreadsheet is to keep as it is, when the file comes back. */
export function keptAsText(text: string): string {
  const isChanged = /^'+\d/.test(text) || (numeric.test(text) && !wholeNumber.test(text))
  return isChanged ? `'${text}` : text
}

/** A cell as it was before `csvFile` and `keptAsText` guarded it. */
export const unguarded = (cell: string): string =>
  (cell.startsWith("'") && formula.test(cell)) || /^'+\d/.test(cell) ? cell.slice(1) : cell

function cell(value: string | number): string {
  if (typeof value === 'number') return `${value}`
  const text = formula.test(value) ? `'${value}` : value
  return `"${text.replaceAll('"', '""')}"`
}
