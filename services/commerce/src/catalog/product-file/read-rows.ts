import { unguarded } from '../../csv.ts'
import type { CsvRow } from '../../read-csv.ts'
import { columnName, columnNamed, readCell, type Cells, type Column } from './columns.ts'

/** Why something in a file is not taken: which cell, by which rule; `hint` is what the rule is about, e.g. another line. */
export interface Fault {
  line: number
  column: string | null
  rule: FaultRule
  hint: string
}

export const faultRules = [
  // of a file
  'encoding',
  'encoding_unclear',
  'quotes',
  'row_too_long',
  'too_many_rows',
  'no_rows',
  'unknown_column',
  'repeated_column',
  'missing_column',
  // of a row
  'extra_cells',
  'value',
  'required',
  'not_found',
  'repeated',
  'differs',
  'currency',
  'sku_taken',
  'options',
  'values',
  'no_options',
  'variant_required',
  'too_many_variants',
  'stock_base',
  'stock_too_large',
  'not_draft',
  'other_line',
] as const
export type FaultRule = (typeof faultRules)[number]

/** A row whose cells were read one by one; what could not be is in `faults`. */
export interface FileRow {
  line: number
  cells: Cells
  faults: Fault[]
}

const identifying: readonly Column[] = ['productId', 'variantId', 'sku']

/** The columns that a header names, or what is wrong with it. Pure. */
export function readHeader(header: readonly string[]): { columns: (Column | undefined)[] } | { faults: Fault[] } {
  const names = header.map((name) => unguarded(name.trim()))
  const columns = names.map(columnNamed)
  const faults = names.flatMap((name, n): Fault[] => {
    const column = columns[n]
    const fault = (rule: FaultRule) => [{ line: 1, column: name.slice(0, 50), rule, hint: '' }]
    if (name === '') return [] // a spreadsheet's empty columns at the right
    if (column === undefined) return fault('unknown_column')
    return columns.indexOf(column) < n ? fault('repeated_column') : []
  })
  if (faults.length === 0 && !columns.some((column) => column !== undefined && identifying.includes(column))) {
    const hint = identifying.map((column) => columnName(column)).join(', ')
    faults.push({ line: 1, column: null, rule: 'missing_column', hint })
  }
  return faults.length > 0 ? { faults } : { columns }
}

/** Reads the cells of rows; a code that stands in two of them is refused in the second. Pure. */
export function readRows(columns: readonly (Column | undefined)[], rows: readonly CsvRow[]): FileRow[] {
  const skus = new Map<string, number>()
  return rows.map(({ line, cells: texts }) => {
    const cells: Cells = {}
    const faults: Fault[] = []
    for (const [n, text] of texts.entries()) {
      if (text.trim() === '') continue
      const column = columns[n]
      if (column === undefined) {
        faults.push({ line, column: null, rule: 'extra_cells', hint: `${n + 1}` })
        break
      }
      const read = readCell(column, unguarded(text.trim()))
      if (read === undefined) faults.push({ line, column: columnName(column), rule: 'value', hint: text.slice(0, 50) })
      else if (read !== '') cells[column] = read
    }
    const first = cells.sku === undefined ? undefined : skus.get(cells.sku)
    if (first !== undefined) faults.push({ line, column: columnName('sku'), rule: 'repeated', hint: `${first}` })
    else if (cells.sku !== undefined) skus.set(cells.sku, line)
    return { line, cells, faults }
  })
}
