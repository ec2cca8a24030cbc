import type { Knex } from 'knex'
import { z } from 'zod'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { authenticate, type TokenVerifier } from '@mytaek1/platform/auth.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { idShape } from '../ids.ts'
import { pageQuery } from '../paging.ts'
import { keyOf, shared, type SharedReads } from '../shared-reads.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import { stockOf } from '../inventory/stock-levels.ts'
import { changeProduct, requireOwnProduct, type PriceChanged } from './change-product.ts'
import { createProduct } from './create-product.ts'
import { restockProduct, type StockChanged } from './restock-product.ts'
import { imageMediaTypes } from './image-type.ts'
import type { Product } from './product.ts'
import { findProduct, listProducts } from './queries.ts'
import { imageUrls } from './renditions.ts'
import {
  newProductShape,
  presentProduct,
  productIdParams,
  productPageShape,
  productPatchShape,
  productShape,
  restockHeaders,
  restockShape,
  uploadedImageShape,
} from './schema.ts'
import { VariantRequiredError } from './variant-errors.ts'
import { isVariantOf, variantsOf } from './variant-queries.ts'
import { uploadImage, uploadRefusals, type UploadDeps } from './upload-image.ts'

/** What the catalogue's endpoints need. */
export interface CatalogDeps {
  db: Knex
  stockChanged: StockChanged
  priceChanged: PriceChanged
  images: Omit<UploadDeps, 'db' | 'now'>
  verify: TokenVerifier
  reads: SharedReads
  clock: () => Date
  limits: { write: RateLimit; upload: RateLimit }
}

const refusals = {
  401: { description: '`unauthenticated`: no valid access token' },
  403: { description: '`forbidden`: not the seller’s own' },
  404: { description: '`not_found`' },
}

/** Products and their images. */
export function catalogRoutes(deps: CatalogDeps): Endpoint[] {
  const { db, stockChanged, priceChanged, clock, limits } = deps
  const present = async (product: Product) => {
    const levels = await stockOf(db, [product.id])
    return presentProduct(product, levels.get(product.id))
  }
  return [
    endpoint({
      method: 'post',
      path: '/products',
      summary: 'Create a product with its stock',
      access: ['seller', 'admin'],
      body: newProductShape,
      responses: {
        201: { description: 'The product', schema: productShape },
        400: { description: '`invalid_request`' },
        409: { description: '`sku_taken`' },
        429: { description: '`rate_limited`' },
        ...refusals,
      },
      handle: async ({ body, caller }) => {
        await limits.write.consume(caller.sub)
        const now = clock()
        const product = await createProduct({ db, now }, { sellerId: caller.sub, ...body })
        return {
          status: 201,
          body: await present(product),
          headers: { location: `/api/commerce/v1/products/${product.id}` },
        }
      },
    }),
    endpoint({
      method: 'get',
      path: '/products',
      summary: 'Products, newest first; `seller=me` has those not listed too',
      access: 'public',
      query: z.object({ seller: idShape.optional().describe('an account’s id, or `me`'), ...pageQuery }),
      responses: {
        200: { description: 'One page', schema: productPageShape },
        400: { description: '`invalid_request`' },
        401: { description: '`seller=me` without a valid access token' },
      },
      handle: async ({ query: { seller, ...page } }, ctx) => {
        const list = async (sellerId: string | undefined, withUnlisted: boolean) => {
          const { items, nextCursor } = await listProducts(db, { sellerId, withUnlisted }, page)
          const ids = items.map(({ id }) => id)
          const levels = await stockOf(db, ids)
          return { items: items.map((each) => presentProduct(each, levels.get(each.id))), nextCursor }
        }
        if (seller === 'me') return { status: 200, body: await list((await authenticate(ctx, deps.verify)).sub, true) }
        const key = keyOf('products', { seller, ...page })
        return shared(await deps.reads.read(key, async () => ({ body: await list(seller, false) })))
      },
    }),
    endpoint({
      method: 'get',
      path: '/products/{id}',
      summary: 'A product with its stock and the stock’s version',
      access: 'public',
      params: productIdParams,
      responses: { 200: { description: 'The product', schema: productShape }, 404: { description: '`not_found`' } },
      handle: async ({ params }) => {
        const product = await findProduct(db, params.id)
        if (product === undefined) throw new NotFoundError('product', params.id)
        return { status: 200, body: await present(product) }
      },
    }),
    endpoint({
      method: 'patch',
      path: '/products/{id}',
      summary: 'Change a product; the price applies to orders placed from then on',
      access: ['seller', 'admin'],
      params: productIdParams,
      body: productPatchShape,
      responses: {
        200: { description: 'The product', schema: productShape },
        400: { description: '`invalid_request`, `variant_required`: stock is of variants' },
        422: { description: '`stock_too_large`' },
        429: { description: '`rate_limited`' },
        ...refusals,
      },
      handle: async ({ params, body, caller }) => {
        await limits.write.consume(caller.sub)
        return {
          status: 200,
          body: await present(
            await changeProduct({ db, stockChanged, priceChanged, now: clock() }, caller, params.id, body),
          ),
        }
      },
    }),
    endpoint({
      method: 'post',
      path: '/products/{id}/stock',
      summary: 'Add units to a product’s stock, or take back what is left',
      access: ['seller', 'admin'],
      params: productIdParams,
      headers: restockHeaders,
      body: restockShape,
      responses: {
        200: { description: 'The product', schema: productShape },
        400: { description: '`invalid_request`, `variant_required`' },
        422: { description: '`stock_too_large`, `idempotency_key_reused`' },
        429: { description: '`rate_limited`' },
        ...refusals,
      },
      handle: async ({ params, headers, body, caller }) => {
        await limits.write.consume(caller.sub)
        const product = await requireOwnProduct(db, caller, params.id)
        const idempotencyKey = headers['idempotency-key']
        const sold = await requireSold(db, product, body.variantId)
        await restockProduct({ db, stockChanged }, { productId: sold, units: body.units, idempotencyKey })
        return { status: 200, body: await present(product) }
      },
    }),
    endpoint({
      method: 'put',
      path: '/products/{id}/image',
      summary: 'Set a product’s image; it is re-encoded, the original is not kept',
      access: ['seller', 'admin'],
      params: productIdParams,
      streamedBody: imageMediaTypes,
      responses: {
        200: { description: 'Where its files are', schema: uploadedImageShape },
        ...refusals,
        ...uploadRefusals,
      },
      handle: async ({ params, caller }, ctx) => {
        await requireOwnProduct(db, caller, params.id)
        await limits.upload.consume(caller.sub)
        const imageId = await uploadImage({ ...deps.images, db, now: clock() }, ctx.req)
        const change = { db, stockChanged, priceChanged, now: clock() }
        const product = await changeProduct(change, caller, params.id, { imageId })
        return { status: 200, body: { imageUrls: imageUrls(product.imageId) } }
      },
    }),
  ]
}

/** What of a product has the stock: itself, or the variant that is named. */
async function requireSold(db: Knex, product: Product, variantId: string | undefined): Promise<string> {
  if (variantId === undefined || variantId === product.id) {
    if (product.options !== null) throw new VariantRequiredError(product.id, await variantsOf(db, product.id))
    return product.id
  }
  if (!(await isVariantOf(db, { productId: product.id, variantId }))) throw new NotFoundError('variant', variantId)
  return variantId
}
