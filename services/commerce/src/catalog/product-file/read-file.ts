import { readCsv } from '../../read-csv.ts'
import { decodeText, type TextEncoding } from '../../text-encoding.ts'
import { readHeader, readRows, type Fault, type FileRow } from './read-rows.ts'

/** Rows of one file: what a seller of some thousand things has; more come in several files. */
export const rowsMax = 5_000

/** What is in a file of products: its rows, or why none can be read. */
export interface ProductFile {
  encoding: TextEncoding | null
  rows: FileRow[]
  faults: Fault[]
}

/** Reads a file of products. Pure. */
export function readProductFile(bytes: Buffer, charset: string | undefined): ProductFile {
  const decoded = decodeText(bytes, charset)
  if ('fault' in decoded) return refused(null, { line: 1, column: null, rule: decoded.fault, hint: '' })
  const { text, encoding } = decoded
  const read = readCsv(text, { rowsMax })
  if ('rule' in read)
    return refused(encoding, { ...read, column: null, hint: read.rule === 'too_many_rows' ? `${rowsMax}` : '' })
  const header = readHeader(read.header)
  if ('faults' in header) return refused(encoding, ...header.faults)
  return { encoding, rows: readRows(header.columns, read.rows), faults: [] }
}

const refused = (encoding: TextEncoding | null, ...faults: Fault[]): ProductFile => ({ encoding, rows: [], faults })
