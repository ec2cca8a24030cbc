import type { Knex } from 'knex'
import { AppError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { PriceChanged } from '../change-product.ts'
import { Product } from '../product.ts'
import type { StockChanged } from '../restock-product.ts'
import { applyProduct, type Written } from './apply-product.ts'
import { decideProduct } from './decide-product.ts'
import type { Decision, LineOutcome } from './decision.ts'
import { groupRows, type RowGroup } from './group-rows.ts'
import { readKnown } from './known-products.ts'
import { findNamed, type Named } from './named-by-rows.ts'
import type { ProductFile } from './read-file.ts'
import { faultRules, type FaultRule } from './read-rows.ts'
import { readSupplied } from './supplied-before.ts'

const rowsAtOnce = 200 // of one request: as many new products take four seconds; whoever asks sees how far it is, and goes on at `nextLine`

/** What importing needs. */
export interface ImportDeps {
  db: Knex
  stockChanged: StockChanged
  priceChanged: PriceChanged
  now: Date
}

/** What became of some of a file's products. */
export interface ImportStep {
  lines: LineOutcome[]
  products: { inFile: number; done: number }
  /** Where the next product begins; null: all are done. */
  nextLine: number | null
}

/**
 * Takes some of the products of a file, from a line on: all of a product or, when one of its rows is refused, none of it, so
 * that no product is half of what its seller meant, and one bad row does not hold the others back. A dry run writes nothing.
 *
 * The same file again changes nothing: what there is already is known by id or code, and stock is a difference.
 */
export async function importProducts(
  deps: ImportDeps,
  { sellerId, file, fromLine, dryRun }: { sellerId: string; file: ProductFile; fromLine: number; dryRun: boolean },
): Promise<ImportStep> {
  const named = await findNamed(deps.db, sellerId, file.rows)
  const groups = groupRows(file.rows, named.productOf)
  const waiting = groups.filter((group) => firstLine(group) >= fromLine)
  const lines: LineOutcome[] = []
  let done = groups.length - waiting.length
  for (const group of waiting) {
    if (lines.length > 0 && lines.length + group.rows.length > rowsAtOnce) break
    const take = dryRun ? decide : decideAndWrite
    lines.push(...(await take({ ...deps, sellerId, named }, group)).lines)
    done += 1
  }
  const next = groups[done]
  return { lines, products: { inFile: groups.length, done }, nextLine: next === undefined ? null : firstLine(next) }
}

interface GroupDeps extends ImportDeps {
  sellerId: string
  named: Named
}

async function decide({ db, sellerId, named }: GroupDeps, group: RowGroup): Promise<Decision> {
  return (await decideWithin(db, { sellerId, named, group, isLocked: false })).decision
}

async function decideAndWrite(deps: GroupDeps, group: RowGroup): Promise<Decision> {
  const { db, sellerId, named, now } = deps
  try {
    const { decision, written } = await inTransaction(db, async (trx) => {
      const { decision, before } = await decideWithin(trx, { sellerId, named, group, isLocked: true })
      const { write } = decision
      return { decision, written: write && (await applyProduct(trx, before, write, { sellerId, now })) }
    })
    if (written === undefined) return decision
    tell(deps, written)
    return { ...decision, lines: decision.lines.map((line) => ({ ...line, productId: written.product.id })) }
  } catch (error) {
    return refusedBy(error, group)
  }
}

async function decideWithin(
  db: Knex | Knex.Transaction,
  { sellerId, named, group, isLocked }: { sellerId: string; named: Named; group: RowGroup; isLocked: boolean },
) {
  const query = Product.query(db).where('seller_id', sellerId).whereNull('variant_of')
  if (isLocked) void query.forUpdate()
  const product = group.productId === undefined ? undefined : await query.findById(group.productId)
  const [known] = product === undefined ? [] : await readKnown(db, [product])
  const suppliedBefore = await readSupplied(db, known, group.rows)
  const decision = decideProduct(group, { known, ownerOfSku: named.ownerOfSku, suppliedBefore })
  return { decision, before: product && known && { product, known } }
}

function tell({ stockChanged, priceChanged }: ImportDeps, { product, isPriceNew, stocks }: Written): void {
  for (const stock of stocks) stockChanged(stock)
  const price = { amount: product.priceAmount, currency: product.priceCurrency }
  if (isPriceNew) priceChanged({ productId: product.id, price, revision: product.revision })
}

// What another request came before, or only the database knows.
function refusedBy(error: unknown, { rows, productId }: RowGroup): Decision {
  const rule = error instanceof AppError ? ruleOf(error.code) : undefined
  if (rule === undefined) throw error
  const name = rows.find(({ cells }) => cells.name !== undefined)?.cells.name ?? ''
  const lines = rows.map(({ line }) => {
    const faults = [{ line, column: null, rule, hint: '' }]
    return { line, deed: 'refused' as const, productId: productId ?? null, name, changes: [], faults }
  })
  return { lines, write: undefined }
}

// all else that makes a request invalid was judged before: what is left is how many variants a product ever had
const ruleOf = (code: string): FaultRule | undefined =>
  code === 'invalid_request' ? 'too_many_variants' : faultRules.find((rule) => rule === code)

const firstLine = ({ rows }: RowGroup) => rows[0]?.line ?? 0
