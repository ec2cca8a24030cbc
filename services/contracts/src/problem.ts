import { z } from 'zod'
import { moneyShape } from './money.ts'

/** An error answer: `application/problem+json` (RFC 9457) with a stable `code` for programs. */
export const problemShape = z
  .object({
    type: z.string(), // always "about:blank": `code` is the identifier
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().optional(),
    requestId: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(), // one a bad field
    total: moneyShape.optional(), // of `price_changed`: what it costs now
    variants: z // of `variant_required`: what there is to choose from
      .array(
        z.object({ id: z.string(), values: z.array(z.string()), price: moneyShape, stock: z.number().int().min(0) }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof problemShape>
