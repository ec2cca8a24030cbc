import { CsvError, parse } from 'csv-parse/sync'

const rowBytesMax = 64 * 1024 // a description of 2,000 characters takes a tenth

/** A row that is not empty, and the line of the file on which it begins; lines count from 1. */
export interface CsvRow {
  line: number
  cells: string[]
}

/** Why a file is none that can be read, and from which line on. */
export interface CsvFault {
  line: number
  rule: 'quotes' | 'row_too_long' | 'too_many_rows' | 'no_rows'
}

/** Reads CSV with a header (RFC 4180); line breaks may be any, cells be separated by what separates the header's. Pure. */
export function readCsv(
  text: string,
  { rowsMax }: { rowsMax: number },
): { header: string[]; rows: CsvRow[] } | CsvFault {
  const lines = text.replaceAll(/\r\n?/g, '\n')
  const parsed = recordsOf(lines)
  if ('rule' in parsed) return parsed
  const [header, ...rows] = parsed.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
  const beyond = rows[rowsMax]
  if (beyond !== undefined) return { line: beyond.line, rule: 'too_many_rows' }
  if (header === undefined || rows.length === 0) return { line: 1, rule: 'no_rows' }
  return { header: header.cells, rows }
}

function recordsOf(text: string): CsvRow[] | CsvFault {
  try {
    const records = parse(text, {
      delimiter: separatorOf(text),
      record_delimiter: '\n',
      info: true,
      relax_column_count: true, // how many cells a row has is judged with what is in them
      skip_empty_lines: true,
      max_record_size: rowBytesMax,
    }) as unknown as { record: string[]; info: { lines: number } }[]
    return records.map(({ record, info }) => ({ line: info.lines - breaksIn(record), cells: record }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = 'lines' in error && typeof error.lines === 'number' ? error.lines : 1
    return { line, rule: error.code === 'CSV_MAX_RECORD_SIZE' ? 'row_too_long' : 'quotes' }
  }
}

// the parser tells where a row ends
const breaksIn = (record: readonly string[]) => record.join('').split('\n').length - 1

function separatorOf(text: string): string {
  const [header = ''] = text.trimStart().split('\n', 1)
  const count = (sign: string) => header.split(sign).length
  return [',', '\t', ';'].toSorted((one, other) => count(other) - count(one))[0] ?? ','
}
