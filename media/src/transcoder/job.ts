/**
 * What a stream process may ask of the transcoder beside it, and what it hears: JSON lines on a unix socket in a directory
 * that both have. Pictures do not pass through the transcoder: ffmpeg itself connects to sockets where the stream process
 * listens.
 */
import { join } from 'node:path'
import { encoderPresets } from '@mytaek1/contracts/broadcast-resource.ts'
import { z } from 'zod'

/** No line is longer, in either direction. */
export const longestLine = 16_384

/** Of what an ffmpeg says, so much is told: strangers' bytes can make it talk without end. */
export const mostSaid = 16_384

const side = z.int().min(2).max(16_384)
/** Names the run's sockets. */
const run = z.string().regex(/^[0-9a-f]{12}$/)

const ladderShape = z.object({
  kind: z.literal('ladder'),
  run,
  rungs: z
    .array(z.object({ width: side, height: side, bitrateBps: z.int().min(1_000).max(1_000_000_000) }))
    .min(1)
    .max(6),
  frameRate: z.number().positive().max(90_000),
  preset: z.enum(encoderPresets),
  interlaced: z.boolean(), // of the source
})
const thumbnailShape = z.object({
  kind: z.literal('thumbnail'),
  run,
  width: side,
  height: side,
  interlaced: z.boolean(),
})

/** One run of ffmpeg: H.264 in FLV goes in, a stream of FLV for each rung or one JPEG comes out. */
export const jobShape = z.discriminatedUnion('kind', [ladderShape, thumbnailShape])
export type LadderJob = z.infer<typeof ladderShape>
export type ThumbnailJob = z.infer<typeof thumbnailShape>
export type Job = LadderJob | ThumbnailJob

/** What may follow the job on its connection, whose end ends ffmpeg. */
export const orderShape = z.object({ yieldCpu: z.int().min(0).max(19) })
export type Order = z.infer<typeof orderShape>

/** What the transcoder tells; `ended` and `failed` (there was no ffmpeg) are its last words. */
export const reportShape = z.union([
  z.object({ started: z.int() }), // its process id
  z.object({ said: z.string() }), // on standard error
  z.object({ ended: z.object({ code: z.int().nullable(), signal: z.string().nullable() }) }),
  z.object({ failed: z.string() }),
])
export type Report = z.infer<typeof reportShape>

/** Where the transcoder listens. */
export const doorOf = (directory: string) => join(directory, 'transcoder.sock')

/** Where the stream process gives a run its input. */
export const inputOf = (directory: string, name: string) => join(directory, `${name}-in`)

/** Where it takes an output. */
export const outputOf = (directory: string, name: string, index: number) => join(directory, `${name}-${index}`)
