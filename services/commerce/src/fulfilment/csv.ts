/**
 * Lines of a CSV file (RFC 4180) that a person opens in a spreadsheet: it begins with a byte order mark, without which
 * Excel takes Korean for another character set, and no cell is taken for a formula, whoever wrote it (CWE-1236).
 */
export function csvFile(rows: readonly (readonly (string | number)[])[]): string {
  return `\uFEFF${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
}

// A formula begins with one of these; behind a space, too, for some spreadsheets cut it.
const formula = /^\s*[=+\-@|\t\r＝＋－＠]/

function cell(value: string | number): string {
  if (typeof value === 'number') return `${value}`
  const text = formula.test(value) ? `'${value}` : value
  return `"${text.replaceAll('"', '""')}"`
}
