/**
 * A chapter lists segments that are stored: some minutes of one rendition, all of them beginning with one init segment.
 * It is written again as it grows, some seconds' worth at a time, and a full one is followed by the next. One playlist that
 * grew for hours would be as simple, and its writing cost the square of its length.
 */
import { z } from 'zod'

/** Ten minutes of segments: 20 kB, written sixty times. */
export const mostSegments = 300

const segmentShape = z.object({
  number: z.int().min(0), // media sequence number
  seconds: z.number().positive(),
  atMs: z.int(), // of its first picture, since 1970
  bytes: z.int().min(1),
  discontinuity: z.boolean().optional(),
})

export const chapterShape = z.object({
  init: z.int().min(0), // the number in its name
  codecs: z.array(z.string()),
  width: z.number().optional(),
  height: z.number().optional(),
  frameRate: z.number().optional(),
  segments: z.array(segmentShape).max(mostSegments),
})

/** One segment that is in the bucket. */
export type RecordedSegment = z.infer<typeof segmentShape>

/** A chapter's content; its name tells rendition and take. */
export type Chapter = z.infer<typeof chapterShape>
