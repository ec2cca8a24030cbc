import type { Knex } from 'knex'
import { z } from 'zod'
import { categories, categoryIds } from '@mytaek1/contracts/categories.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { authenticate, isAskedBy, type TokenVerifier } from '@mytaek1/platform/auth.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { BoundedQueue } from '../bounded-queue.ts'
import { idShape } from '../ids.ts'
import { pageQuery } from '../paging.ts'
import { keyOf, shared, type SharedReads } from '../shared-reads.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import { stockOf } from '../inventory/stock-levels.ts'
import { changeProduct, requireOwnProduct, type PriceChanged } from './change-product.ts'
import { picturesOf } from './change-pictures.ts'
import { copyProduct } from './copy-product.ts'
import { createProduct } from './create-product.ts'
import { restockProduct, type StockChanged } from './restock-product.ts'
import { isDraft, type Product } from './product.ts'
import { findProduct, listProducts } from './queries.ts'
import {
  categoriesShape,
  newProductShape,
  presentPictures,
  presentProduct,
  productDetailsShape,
  productIdParams,
  productPageShape,
  productPatchShape,
  restockHeaders,
  restockShape,
} from './schema.ts'
import { VariantRequiredError } from './variant-errors.ts'
import { isVariantOf, variantsOf } from './variant-queries.ts'
import { productSorts, searchProducts } from './search-products.ts'
import { queryWordsOf } from './search-text.ts'
import type { UploadDeps } from './upload-image.ts'

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
  /** How many searches are under way at once. */
  searches: BoundedQueue
  /** How often a seller sends or asks for files of products, and how many are taken at once. */
  files: { limit: RateLimit; work: BoundedQueue }
}

/** What whoever may not change a product is answered. */
export const refusals = {
  401: { description: '`unauthenticated`: no valid access token' },
  403: { description: '`forbidden`: not the seller’s own' },
  404: { description: '`not_found`' },
}

/** Products. */
export function catalogRoutes(deps: CatalogDeps): Endpoint[] {
  const { db, stockChanged, priceChanged, clock, limits } = deps
  const present = async (product: Product) => {
    const [levels, pictures] = await Promise.all([stockOf(db, [product.id]), picturesOf(db, [product])])
    const shown = presentProduct(product, levels.get(product.id))
    return { ...shown, pictures: presentPictures(pictures.get(product.id) ?? []) }
  }
  return [
    endpoint({
      method: 'post',
      path: '/products',
      summary: 'Create a product with its stock',
      access: ['seller', 'admin'],
      body: newProductShape,
      responses: {
        201: { description: 'The product', schema: productDetailsShape },
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
      summary: 'Products, newest first; `seller=me` has those not listed, and drafts, too',
      access: 'public',
      query: z.object({
        seller: idShape.optional().describe('an account’s id, or `me`'),
        q: z.string().max(100).optional().describe('words that are all in the name, the last may be unfinished'),
        category: z.enum(categoryIds).optional().describe('with all that is under it'),
        sort: z.enum(productSorts).default('newest').describe('prices are compared within a currency'),
        ...pageQuery,
      }),
      responses: {
        200: { description: 'One page', schema: productPageShape },
        400: { description: '`invalid_request`' },
        401: { description: '`seller=me` without a valid access token' },
        503: { description: '`busy`: a search took too long, or many are under way' },
      },
      handle: async ({ query: { seller, q, category, sort, ...page } }, ctx) => {
        const words = q === undefined || q.trim() === '' ? undefined : queryWordsOf(q)
        const list = async (sellerId: string | undefined, withUnlisted: boolean) => {
          const isSearch = words !== undefined || category !== undefined || sort !== 'newest'
          const { items, nextCursor } = isSearch
            ? await deps.searches.run(() => searchProducts(db, { words, category, sellerId, withUnlisted, sort }, page))
            : await listProducts(db, { sellerId, withUnlisted }, page)
          const ids = items.map(({ id }) => id)
          const levels = await stockOf(db, ids)
          return { items: items.map((each) => presentProduct(each, levels.get(each.id))), nextCursor }
        }
        if (seller === 'me') return { status: 200, body: await list((await authenticate(ctx, deps.verify)).sub, true) }
        const key = keyOf('products', { seller, words, category, sort, ...page })
        return shared(await deps.reads.read(key, async () => ({ body: await list(seller, false) })))
      },
    }),
    endpoint({
      method: 'get',
      path: '/products/{id}',
      summary: 'A product with its stock and the stock’s version',
      access: 'public',
      params: productIdParams,
      responses: {
        200: { description: 'The product', schema: productDetailsShape },
        404: { description: '`not_found`' },
      },
      handle: async ({ params }, ctx) => {
        const product = await findProduct(db, params.id)
        const isHidden =
          product === undefined || (isDraft(product) && !(await isAskedBy(ctx, deps.verify, product.sellerId)))
        if (isHidden) throw new NotFoundError('product', params.id)
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
        200: { description: 'The product', schema: productDetailsShape },
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
        200: { description: 'The product', schema: productDetailsShape },
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
      method: 'post',
      path: '/products/{id}/copies',
      summary: 'Copy a product with its pictures: a draft with nothing in stock',
      access: ['seller', 'admin'],
      params: productIdParams,
      responses: {
        201: { description: 'The copy', schema: productDetailsShape },
        429: { description: '`rate_limited`' },
        ...refusals,
      },
      handle: async ({ params, caller }) => {
        await limits.write.consume(caller.sub)
        await requireOwnProduct(db, caller, params.id)
        const copy = await copyProduct({ db, now: clock() }, params.id)
        return {
          status: 201,
          body: await present(copy),
          headers: { location: `/api/commerce/v1/products/${copy.id}` },
        }
      },
    }),
    endpoint({
      method: 'get',
      path: '/categories',
      summary: 'What products are filed under: two levels, with names for people',
      access: 'public',
      responses: { 200: { description: 'The tree, in the order in which it is shown', schema: categoriesShape } },
      handle: () => ({
        status: 200,
        body: { items: categories },
        headers: { 'cache-control': 'public, max-age=3600' },
      }),
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
