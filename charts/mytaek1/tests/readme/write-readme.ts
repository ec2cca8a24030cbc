/** `make chart-readme`: writes the table of values into README.md anew. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { rowsOf, tableOf, withTable } from './values-table.ts'

const folder = path.resolve(import.meta.dirname, '../..')
const read = (file: string) => readFile(path.join(folder, file), 'utf8')

const rows = rowsOf(await read('values.yaml'), JSON.parse(await read('values.schema.json')))
await writeFile(path.join(folder, 'README.md'), withTable(await read('README.md'), tableOf(rows)))
console.log(`README.md lists ${rows.length} values`)
