/** `make chart-readme`: writes the table of values into README.md anew. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { say } from '../../../../k8s-tests/cluster/host/progress.ts'
import { rowsOf, type Schema, tableOf, withTable } from './values-table.ts'

const folder = path.resolve(import.meta.dirname, '../..')
const read = (file: string) => readFile(path.join(folder, file), 'utf8')

const rows = rowsOf(await read('values.yaml'), JSON.parse(await read('values.schema.json')) as Schema)
await writeFile(path.join(folder, 'README.md'), withTable(await read('README.md'), tableOf(rows)))
say(`README.md lists ${rows.length} values`)
