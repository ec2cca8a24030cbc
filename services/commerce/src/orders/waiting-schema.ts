import { z } from 'zod'
import { listLimits } from '../inventory/join-waiting-list.ts'
import type { WaitingPlace } from '../inventory/waiting-places.ts'

const id = z.string().regex(/^[\w-]{1,32}$/)

export const newPlaceShape = z
  .strictObject({
    productId: id,
    variantId: id.optional().describe('which variant; required of a product with options that has several'),
  })
  .meta({ id: 'NewWaitingPlace' })

export const placeParams = z.object({ id: id.describe('`variantId` of the place') })

export const placeShape = z
  .object({
    productId: z.string(),
    variantId: z.string().describe('of a product without options its own id'),
    position: z.number().int().min(0).describe('1: the next unit that comes back is theirs; 0: one is kept for them'),
    offeredUntil: z.iso
      .datetime()
      .nullable()
      .describe('until when a unit is kept for them, to be ordered as any other'),
  })
  .meta({ id: 'WaitingPlace' })

export const placesShape = z.object({
  items: z.array(placeShape).describe(`all of them: an account has about ${listLimits.placesPerBuyer} at most`),
})

/** A place as who has it sees it. */
export function presentPlace({
  productId,
  variantOf,
  position,
  offeredUntil,
}: WaitingPlace): z.infer<typeof placeShape> {
  return {
    productId: variantOf ?? productId,
    variantId: productId,
    position,
    offeredUntil: offeredUntil?.toISOString() ?? null,
  }
}
