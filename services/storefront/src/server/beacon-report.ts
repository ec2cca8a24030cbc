import { z } from 'zod'

const milliseconds = z.number().min(0).max(600_000)

/** Parts of the site that are told apart: the values of the label `page`. */
export const sitePages = ['home', 'watch', 'shop', 'account', 'studio', 'admin', 'other'] as const

/**
 * What a page tells of how it went for its visitor: who they are, where they were exactly and what they did is not in it.
 * Every value is a stranger's word: bounded here, and only ever counted, or logged when `scrubText` has gone over it.
 */
export const reportShape = z.strictObject({
  page: z.enum(sitePages),
  /** The first report of a page that was loaded. */
  first: z.boolean().optional(),
  /** Of the whole page so far, told once. */
  vitals: z
    .strictObject({ lcpMs: milliseconds, inpMs: milliseconds, cls: z.number().min(0).max(100) })
    .partial()
    .optional(),
  /** Since the report before. */
  player: z
    .strictObject({
      firstPictures: z.array(z.strictObject({ begun: z.enum(['load', 'page', 'air']), ms: milliseconds })).max(10),
      stallsMs: z.array(milliseconds).max(50),
      playedMs: milliseconds,
    })
    .optional(),
  faults: z
    .array(
      z.strictObject({
        kind: z.enum(['error', 'unhandledrejection']),
        /** It comes from a file of this site, not from a browser's extension. */
        own: z.boolean(),
        text: z.string().max(500),
        /** File of the site, line and column. */
        at: z.string().max(120),
      }),
    )
    .max(5)
    .optional(),
})

export type Report = z.infer<typeof reportShape>
export type Fault = NonNullable<Report['faults']>[number]
