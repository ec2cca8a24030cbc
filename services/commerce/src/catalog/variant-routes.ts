import { isAskedBy } from '@mytaek1/platform/auth.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { keyOf, shared } from '../shared-reads.ts'
import { changeVariants } from './change-variants.ts'
import { isDraft } from './product.ts'
import { findProduct } from './queries.ts'
import type { CatalogDeps } from './routes.ts'
import { productIdParams } from './schema.ts'
import { readOptions } from './variant.ts'
import { variantsOf } from './variant-queries.ts'
import { variantPlanShape, variantsShape } from './variant-schema.ts'

/** What of a product can be chosen, and what each choice costs. */
export function variantRoutes(deps: Omit<CatalogDeps, 'images'>): Endpoint[] {
  const { db, stockChanged, priceChanged, clock, limits, reads } = deps
  const present = async (productId: string) => {
    const product = await findProduct(db, productId)
    if (product === undefined) throw new NotFoundError('product', productId)
    const body = { options: readOptions(product.options), variants: await variantsOf(db, productId) }
    return { body, ...(isDraft(product) && { ownerId: product.sellerId }) }
  }
  return [
    endpoint({
      method: 'get',
      path: '/products/{id}/variants',
      summary: 'The options of a product, and its variants with their stock and price',
      access: 'public',
      params: productIdParams,
      responses: {
        200: { description: 'Those on sale', schema: variantsShape },
        400: { description: '`invalid_request`' },
        404: { description: '`not_found`' },
      },
      handle: async ({ params }, ctx) => {
        const answer = await reads.read(keyOf('variants', { id: params.id }), () => present(params.id))
        const isOwn = answer.ownerId !== undefined && (await isAskedBy(ctx, deps.verify, answer.ownerId))
        if (answer.ownerId !== undefined && !isOwn) throw new NotFoundError('product', params.id)
        return shared(answer)
      },
    }),
    endpoint({
      method: 'put',
      path: '/products/{id}/variants',
      summary: 'Set the options and variants of a product; a variant is told by its values, and keeps its id',
      access: ['seller', 'admin'],
      params: productIdParams,
      body: variantPlanShape,
      responses: {
        200: { description: 'Those on sale', schema: variantsShape },
        400: { description: '`invalid_request`' },
        401: { description: '`unauthenticated`: no valid access token' },
        403: { description: '`forbidden`: not the seller’s own' },
        404: { description: '`not_found`' },
        409: { description: '`sku_taken`: another product of the seller has one of the codes' },
        422: { description: '`stock_too_large`' },
        429: { description: '`rate_limited`' },
      },
      handle: async ({ params, body, caller }) => {
        await limits.write.consume(caller.sub)
        await changeVariants({ db, stockChanged, priceChanged, now: clock() }, caller, params.id, body)
        return { status: 200, body: (await present(params.id)).body }
      },
    }),
  ]
}
