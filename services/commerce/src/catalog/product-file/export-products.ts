import type { Knex } from 'knex'
import { byteOrderMark, csvLines, keptAsText } from '../../csv.ts'
import type { Product } from '../product.ts'
import { columnName, columns, none, writtenCell, type Cells, type Column, type FileLanguage } from './columns.ts'
import { pageOfOwn, readKnown } from './known-products.ts'
import { rowsOfProduct } from './rows-of-product.ts'

const productsOfAPiece = 100 // a hundred variants each are a few MB at most

/** All that a seller sells as CSV, piece by piece: the next piece is read when the last is on its way. */
export async function* exportProducts(
  db: Knex,
  { sellerId, language }: { sellerId: string; language: FileLanguage },
): AsyncGenerator<string> {
  yield byteOrderMark + csvLines([columns.map((column) => columnName(column, language))])
  let after: Product | undefined
  do {
    const page = await pageOfOwn(db, { sellerId, after, limit: productsOfAPiece })
    const known = await readKnown(db, page)
    yield csvLines(
      known.flatMap(rowsOfProduct).map((cells) => columns.map((column) => textOf(column, cells, language))),
    )
    after = page.length < productsOfAPiece ? undefined : page.at(-1)
  } while (after !== undefined)
}

// what there is none of is empty: an empty cell changes nothing either
function textOf(column: Column, cells: Cells, language: FileLanguage): string {
  const text = cells[column]
  return text === undefined || text === none ? '' : keptAsText(writtenCell(column, text, language))
}
