import { z } from 'zod'
import { maxAmount, moneyShape } from '@mytaek1/contracts/money.ts'
import { lineOfText } from '../text.ts'
import { faultsOfVariants, optionsMax, valuesMax, variantsMax } from './variant.ts'

const textMax = 30
const skuMax = 64

/** Units a product, or a variant of one, may start with. */
export const maxStock = 1_000_000

// nobody pays nothing: a gift is a rule of a sale, not a price
export const priceShape = moneyShape.extend({ amount: z.number().int().min(1).max(maxAmount) }).meta({ id: 'Price' })
export const skuShape = lineOfText(1, skuMax).describe(
  'the code that the seller keeps stock by; no other of theirs has it',
)

export const optionTextShape = lineOfText(1, textMax)

export const newOptionShape = z.strictObject({
  name: optionTextShape,
  values: z.array(optionTextShape).min(1).max(valuesMax),
})

/** What is sold of a product with options: a value of each. */
export const newVariantShape = z.strictObject({
  values: z.array(lineOfText(1, textMax)).min(1).max(optionsMax).describe('a value for each option, in their order'),
  price: priceShape
    .optional()
    .describe('in the currency of the product; left out: as it was, and of a new one that of the product'),
  stock: z
    .number()
    .int()
    .min(0)
    .max(maxStock)
    .optional()
    .describe('how many are left from now on; left out: as it was, and of a new one 0'),
  sku: skuShape.nullable().optional(),
})

const optionsShape = z.array(newOptionShape).min(1).max(optionsMax)
const newVariantsShape = z.array(newVariantShape).min(1).max(variantsMax)

/** For shapes that have both, or neither: a new product's. */
export const variantFields = {
  options: optionsShape.optional().describe('what buyers choose by; with `variants`'),
  variants: newVariantsShape.optional().describe('what is sold: the combinations of the options’ values'),
}

type Refuse = (fault: { path: (string | number)[]; message: string }) => void

/** Whether options and variants fit each other. */
export function checkVariants(given: z.infer<typeof variantPlanBase>, refuse: Refuse): void {
  for (const fault of faultsOfVariants(given)) refuse(fault)
}

const variantPlanBase = z.strictObject({ options: optionsShape, variants: newVariantsShape })

export const variantPlanShape = variantPlanBase
  .superRefine((plan, ctx) => checkVariants(plan, (fault) => ctx.addIssue({ code: 'custom', ...fault })))
  .meta({ id: 'VariantPlan', description: 'All of the product’s variants; those that are not here are sold no more' })

export const optionShape = z.object({ name: z.string(), values: z.array(z.string()) }).meta({ id: 'ProductOption' })

export const variantsShape = z
  .object({
    options: z.array(optionShape),
    variants: z.array(
      z.object({
        id: z.string(),
        values: z.array(z.string()).describe('a value for each option, in their order'),
        price: moneyShape,
        stock: z.number().int().min(0),
        version: z.number().int().min(0).describe('of the stock: a higher one is newer'),
        revision: z.number().int().min(1).describe('of name, options, image and price: a higher one is newer'),
        sku: z.string().nullable(),
      }),
    ),
  })
  .meta({
    id: 'Variants',
    description: 'In the seller’s order; none: the product has no options and is ordered itself',
  })
