import type { Money } from '@mytaek1/contracts/money.ts'
import type { ProductOption } from '../variant.ts'
import type { Cells, Column } from './columns.ts'
import type { StockToWrite, SuppliedBefore } from './decide-stock.ts'
import type { KnownProduct } from './known-products.ts'
import type { Fault, FaultRule, FileRow } from './read-rows.ts'

/** A cell that says something else than what is; `from` null: nothing was. */
export interface Change {
  column: string
  from: string | null
  to: string
}

/** What becomes of a row. */
export interface LineOutcome {
  line: number
  deed: 'create' | 'change' | 'same' | 'refused'
  productId: string | null
  name: string
  changes: Change[]
  faults: Fault[]
}

/** One thing that is sold, as the file wants it; `id` undefined: a new one. A product without options has no values. */
export interface UnitToWrite {
  id: string | undefined
  values: string[]
  price: Money | undefined
  sku: string | undefined
  stock: StockToWrite | undefined
}

/** What to write of a product. `own` is what the file says of the product itself; options are all that there will be. */
export interface ProductToWrite {
  own: Cells
  currency: string
  options: ProductOption[]
  units: UnitToWrite[]
}

/** What becomes of the rows of a product; `write` undefined: it is refused, or nothing changes. */
export interface Decision {
  lines: LineOutcome[]
  write: ProductToWrite | undefined
}

/** What the rows of a product are held against; `known` undefined: there is none yet. */
export interface Facts {
  known: KnownProduct | undefined
  /** What has a code among all that the seller sells. */
  ownerOfSku: (sku: string) => string | undefined
  suppliedBefore: SuppliedBefore
}

/** Notes what is wrong with rows, and what they change, while they are read. */
export interface Notes {
  refuse: (row: FileRow, column: Column | null, rule: FaultRule, hint?: string | number) => void
  change: (row: FileRow, column: Column, from: string | undefined, to: string) => void
}
