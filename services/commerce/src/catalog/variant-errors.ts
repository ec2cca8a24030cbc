import type { Problem } from '@mytaek1/contracts/problem.ts'
import { AppError, type FieldError } from '@mytaek1/platform/errors.ts'

/** The product has options, so one of its variants has to be named; the answer has them. */
export class VariantRequiredError extends AppError {
  readonly kind = 'invalid'
  readonly code = 'variant_required'
  override readonly fields: readonly FieldError[]
  override readonly facts: Pick<Problem, 'variants'>
  /** @param path of the field that is missing in the request */
  constructor(productId: string, variants: NonNullable<Problem['variants']>, path = 'variantId') {
    super(`Product ${productId} has options: name one of its ${variants.length} variants`)
    this.facts = { variants: variants.map(({ id, values, price, stock }) => ({ id, values, price, stock })) }
    this.fields = [{ path, message: 'Required of a product with options' }]
  }
}

/** Another product of the seller, or a variant of one, has this code. */
export class SkuTakenError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'sku_taken'
  constructor() {
    super('Another product of this seller has one of these codes')
  }
}
