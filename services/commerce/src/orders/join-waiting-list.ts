import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import type { Inventory } from '../inventory/engine.ts'
import type { JoinOutcome } from '../inventory/join-waiting-list.ts'
import { readPlaces, type WaitingPlace } from '../inventory/waiting-places.ts'
import { BarredError, OverLimitError, UnpaidLimitError } from './order-errors.ts'
import { withOnlyVariant, wanted } from './place-order.ts'
import { InStockError, PlaceEndedError, TooManyPlacesError, WaitingListFullError } from './waiting-errors.ts'

/** What a buyer waits for; of a product with options the variant is named, unless there is but one. */
export interface Wish {
  buyerId: string
  productId: string
  variantId?: string | undefined
}

/**
 * Gives a buyer the last place of a product's waiting list; who has one keeps it.
 *
 * @throws {InStockError | WaitingListFullError | TooManyPlacesError | PlaceEndedError} see each.
 * @throws {OverLimitError | UnpaidLimitError | BarredError | NotFoundError} an order of it would be refused so.
 * @throws {VariantRequiredError} the product has options, and the request does not say which variant.
 */
export async function joinWaitingList(
  { db, inventory }: { db: Knex; inventory: Pick<Inventory, 'waitingLists'> },
  { buyerId, productId, variantId }: Wish,
): Promise<WaitingPlace> {
  const item = { productId, variantId, quantity: 1 }
  const sold = wanted(item)
  const outcome = await inventory.waitingLists.join({ buyerId, ...sold })
  if (outcome.kind === 'variant_required') {
    const [only] = await withOnlyVariant(db, [item], productId)
    return await joinWaitingList({ db, inventory }, { buyerId, productId, variantId: only?.variantId })
  }
  if (outcome.kind !== 'waits') throw refusalOf(outcome, productId)
  const place = (await readPlaces(db, buyerId)).find((each) => each.productId === sold.productId)
  if (place === undefined) throw new PlaceEndedError(productId)
  return place
}

function refusalOf(
  outcome: Exclude<JoinOutcome, { kind: 'waits' } | { kind: 'variant_required' }>,
  productId: string,
): Error {
  switch (outcome.kind) {
    case 'in_stock':
      return new InStockError(productId, outcome.available)
    case 'list_full':
      return new WaitingListFullError(productId)
    case 'too_many_places':
      return new TooManyPlacesError()
    case 'over_limit':
      return new OverLimitError(productId, outcome.limit)
    case 'unpaid_limit':
      return new UnpaidLimitError(productId, outcome)
    case 'barred':
      return new BarredError()
    case 'not_for_sale':
      return new NotFoundError('product for sale', productId)
  }
}
