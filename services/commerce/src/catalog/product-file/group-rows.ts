import { optionColumns, valueColumns } from './columns.ts'
import type { FileRow } from './read-rows.ts'

/** The rows of one product; `productId` undefined: a new one. */
export interface RowGroup {
  productId: string | undefined
  rows: FileRow[]
}

/**
 * Puts rows together by product. Those of one that there is may stand anywhere, for people sort their spreadsheets; those of
 * a new one stand together, each with options, and have one name, or none after the first. Pure.
 *
 * @param ownerOf the product that a row names, by an id or a code
 * @returns in the order in which they begin
 */
export function groupRows(rows: readonly FileRow[], ownerOf: (row: FileRow) => string | undefined): RowGroup[] {
  const groups: RowGroup[] = []
  const byProduct = new Map<string, RowGroup>()
  let last: RowGroup | undefined
  for (const row of rows) {
    const productId = ownerOf(row)
    const isNext = last !== undefined && goesOn(last, row, productId !== undefined)
    const isFree = last?.productId === undefined || productId === undefined
    let group = productId === undefined ? undefined : byProduct.get(productId)
    group ??= isNext && isFree ? last : undefined
    if (group === undefined) groups.push((group = { productId, rows: [] }))
    group.productId ??= productId
    if (group.productId !== undefined) byProduct.set(group.productId, group)
    group.rows.push(row)
    last = group
  }
  return groups
}

// a row that names its product joins one before it only by the same name: it may have been sorted to there
function goesOn(group: RowGroup, row: FileRow, isNamed: boolean): boolean {
  const name = group.rows.find(({ cells }) => cells.name !== undefined)?.cells.name
  const isNamedSo = row.cells.name === name ? name !== undefined || !isNamed : row.cells.name === undefined && !isNamed
  return isNamedSo && hasOptions(row) && group.rows.every(hasOptions)
}

/** Whether a row is of a product with options. */
export const hasOptions = ({ cells }: FileRow) =>
  [...optionColumns, ...valueColumns].some((column) => cells[column] !== undefined)
