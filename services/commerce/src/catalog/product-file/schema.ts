import { z } from 'zod'
import { faultRules } from './read-rows.ts'

/** Bytes of one file. */
export const fileBytesMax = 2 * 1024 * 1024

/** Media types that browsers give a CSV file; the second is Windows' own. */
export const fileMediaTypes = ['text/csv', 'application/vnd.ms-excel'] as const

export const exportQuery = z.object({
  language: z.enum(['en', 'ko']).default('en').describe('of the names of columns and states; both are taken back'),
})

export const importQuery = z.object({
  dryRun: z.enum(['true', 'false']).default('true').describe('false writes; true says what that would do'),
  fromLine: z.coerce.number().int().min(1).max(1_000_000).default(1).describe('`nextLine` of the answer before'),
})

const faultShape = z.object({
  line: z.number().int().min(1).describe('of the file, the header’s is 1'),
  column: z.string().nullable().describe('as the file names it in English; null: the whole row'),
  rule: z.enum(faultRules),
  hint: z.string().describe('what the rule is about: another line, a bound, what there is instead'),
})

export const importStepShape = z
  .object({
    dryRun: z.boolean(),
    encoding: z
      .enum(['utf-8', 'utf-16le', 'euc-kr'])
      .nullable()
      .describe('how the file was read; `euc-kr` is CP949; null: it could not be'),
    faults: z.array(faultShape).describe('of the whole file: nothing of it is taken'),
    products: z.object({ inFile: z.number().int().min(0), done: z.number().int().min(0) }),
    nextLine: z
      .number()
      .int()
      .nullable()
      .describe('send the same file again with it as `fromLine`; null: all of it is done'),
    lines: z
      .array(
        z.object({
          line: z.number().int().min(1),
          deed: z.enum(['create', 'change', 'same', 'refused']),
          productId: z.string().nullable(),
          name: z.string(),
          changes: z.array(z.object({ column: z.string(), from: z.string().nullable(), to: z.string() })),
          faults: z.array(faultShape),
        }),
      )
      .describe('each row of the products that this answer is about, those of a product together'),
  })
  .meta({ id: 'ProductImport' })
