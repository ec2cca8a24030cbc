import { z } from 'zod'
import { categoryIds } from '@mytaek1/contracts/categories.ts'
import { dealShape } from '@mytaek1/contracts/live-events.ts'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import { idShape } from '../ids.ts'
import { pageOf } from '../paging.ts'
import { lineOfText, linesOfText } from '../text.ts'
import type { StockLevel } from '../inventory/stock-levels.ts'
import type { ProductPicture } from './pictures.ts'
import { isDraft, type Product } from './product.ts'
import { imageUrls } from './renditions.ts'
import { readOptions } from './variant.ts'
import { checkVariants, maxStock, optionShape, priceShape, variantFields } from './variant-schema.ts'

const formatsShape = z.object({ avif: z.string(), webp: z.string(), jpeg: z.string() })
export const imageUrlsShape = z
  .object({ list: formatsShape, card: formatsShape, full: formatsShape })
  .meta({ id: 'ImageUrls', description: 'Paths by size (320, 640, 1280 pixels wide at most) and format' })

export const uploadedImageShape = z.object({ imageUrls: imageUrlsShape }).meta({ id: 'UploadedImage' })

export const picturesShape = z
  .array(z.object({ id: z.string(), alt: z.string(), imageUrls: imageUrlsShape }))
  .describe('in order; the first leads')

export const productIdParams = z.object({ id: idShape })

export const nameShape = lineOfText(1, 100)
export const descriptionShape = linesOfText(0, 2_000)
const limitPerBuyerShape = z
  .number()
  .int()
  .min(1)
  .max(maxStock)
  .nullable()
  .describe('units one buyer may hold and buy, in all orders together; null: no limit')

const unpaidUnitsShape = z
  .number()
  .int()
  .min(1)
  .max(maxStock)
  .nullable()
  .describe('units one buyer may hold without paying; null: as the service is configured, 10 unless changed')
const unpaidOrdersShape = z
  .number()
  .int()
  .min(1)
  .max(maxStock)
  .nullable()
  .describe(
    'orders in which one buyer may hold it without paying; null: as the service is configured, 3 unless changed',
  )
const requiresShippingShape = z
  .boolean()
  .describe('false for what is not sent anywhere: a ticket, a download; its orders need no address')
const categoryShape = z.enum(categoryIds).nullable().describe('an id of GET /categories')
const buyerLimitShapes = {
  limitPerBuyer: limitPerBuyerShape,
  unpaidUnitsPerBuyer: unpaidUnitsShape,
  unpaidOrdersPerBuyer: unpaidOrdersShape,
}
const optionalBuyerLimitShapes = {
  limitPerBuyer: limitPerBuyerShape.optional(),
  unpaidUnitsPerBuyer: unpaidUnitsShape.optional(),
  unpaidOrdersPerBuyer: unpaidOrdersShape.optional(),
}

export const newProductShape = z
  .strictObject({
    name: nameShape,
    description: descriptionShape.default(''),
    price: priceShape,
    stock: z.number().int().min(0).max(maxStock).optional().describe('required, unless there are variants'),
    requiresShipping: requiresShippingShape.default(true),
    category: categoryShape.default(null),
    draft: z.boolean().default(false).describe('true: nobody else sees it before it is published'),
    ...optionalBuyerLimitShapes,
    ...variantFields,
  })
  .superRefine(({ stock, options, variants }, ctx) => {
    const refuse = (path: (string | number)[], message: string) => ctx.addIssue({ code: 'custom', path, message })
    if ((options === undefined) !== (variants === undefined))
      refuse(['variants'], 'Required with options, and only then')
    if ((stock === undefined) !== (variants !== undefined))
      refuse(['stock'], 'Required, unless variants have their own')
    if (options !== undefined && variants !== undefined)
      checkVariants({ options, variants }, (fault) => refuse(fault.path, fault.message))
  })
  .meta({ id: 'NewProduct' })

export const productPatchShape = z
  .strictObject({
    name: nameShape.optional(),
    description: descriptionShape.optional(),
    price: priceShape.optional().describe('of all its variants, where it has some'),
    listed: z.boolean().optional().describe('false takes it off sale and hides it from lists; true publishes a draft'),
    draft: z.literal(false).optional().describe('publishes a draft; what was shown once is none again'),
    category: categoryShape.optional(),
    requiresShipping: requiresShippingShape.optional(),
    ...optionalBuyerLimitShapes,
    stock: z
      .number()
      .int()
      .min(0)
      .max(maxStock)
      .optional()
      .describe(
        'how many are left from now on; to add units while they sell, POST /products/{id}/stock; of a product with options PUT /products/{id}/variants',
      ),
  })
  .meta({ id: 'ProductPatch' })

export const restockHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('a request sent again with the same key changes nothing'),
})

export const restockShape = z
  .strictObject({
    units: z
      .number()
      .int()
      .min(-maxStock)
      .max(maxStock)
      .describe('added; negative takes back what is left, at most so many'),
    variantId: idShape.optional().describe('required of a product with options'),
  })
  .meta({ id: 'Restock' })

export const productShape = z
  .object({
    id: z.string(),
    sellerId: z.string(),
    name: z.string(),
    description: z.string(),
    price: moneyShape.describe('the lowest of its variants, where it has some'),
    stock: z.number().int().min(0).describe('units that can be ordered now, of all its variants together'),
    options: z.array(optionShape).describe('not empty: it is ordered by its variants, GET /products/{id}/variants'),
    version: z.number().int().min(0).describe('of the stock: a higher one is newer'),
    revision: z.number().int().min(1).describe('of name, image and price: a higher one is newer'),
    ...buyerLimitShapes,
    deal: dealShape.nullable().describe('the timed deal that runs'),
    imageUrls: imageUrlsShape.nullable(),
    requiresShipping: requiresShippingShape,
    listed: z.boolean(),
    draft: z.boolean().describe('only its seller sees it'),
    category: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Product' })

export const productDetailsShape = productShape.extend({ pictures: picturesShape }).meta({ id: 'ProductDetails' })

const namesShape = { id: z.string(), ko: z.string(), en: z.string() }
export const categoriesShape = z
  .object({ items: z.array(z.object({ ...namesShape, children: z.array(z.object(namesShape)) })) })
  .meta({ id: 'Categories' })

export const productPageShape = pageOf(productShape).meta({ id: 'ProductPage' })

/** A product as everybody sees it; without a stock row it has none left. */
export function presentProduct(product: Product, level: StockLevel | undefined): z.infer<typeof productShape> {
  return {
    id: product.id,
    sellerId: product.sellerId,
    name: product.name,
    description: product.description,
    price: { amount: product.priceAmount, currency: product.priceCurrency },
    stock: level?.stock ?? 0,
    options: readOptions(product.options),
    version: level?.version ?? 0,
    revision: product.revision,
    limitPerBuyer: level?.limitPerBuyer ?? null,
    unpaidUnitsPerBuyer: level?.unpaidUnitsPerBuyer ?? null,
    unpaidOrdersPerBuyer: level?.unpaidOrdersPerBuyer ?? null,
    deal: level?.deal ?? null,
    imageUrls: imageUrls(product.imageId),
    requiresShipping: Boolean(product.requiresShipping),
    listed: Boolean(product.listed),
    draft: isDraft(product),
    category: product.category,
    createdAt: product.createdAt.toISOString(),
    updatedAt: product.updatedAt.toISOString(),
  }
}

/** Pictures as everybody sees them. */
export const presentPictures = (pictures: readonly ProductPicture[]): z.infer<typeof picturesShape> =>
  pictures.flatMap(({ imageId, alt }) => {
    const urls = imageUrls(imageId)
    return urls === null ? [] : [{ id: imageId, alt, imageUrls: urls }]
  })
