import { z } from 'zod'
import { imageUrls } from '../catalog/renditions.ts'
import { imageUrlsShape, presentProduct, productShape } from '../catalog/schema.ts'
import type { Product } from '../catalog/product.ts'
import { idShape } from '../ids.ts'
import type { StockLevel } from '../inventory/stock-levels.ts'
import { pageOf } from '../paging.ts'
import { lineOfText } from '../text.ts'
import { broadcastStates } from './broadcast-state.ts'
import { endings, type Broadcast } from './broadcast.ts'
import { adviceCodes, type EncoderAdvice } from './encoder-advice.ts'
import { maxPins, pinsOf } from './pins.ts'

/** Products that one broadcast may show. */
export const maxProducts = 50

// what a DATETIME and an ISO 8601 text of four digits both hold, whatever the offset
const latestSchedule = Date.UTC(2100, 0, 1)

export const broadcastIdParams = z.object({ id: idShape })

const uniqueIds = (most: number) =>
  z
    .array(idShape)
    .max(most)
    .refine((ids) => new Set(ids).size === ids.length, 'must not name a product twice')

export const newBroadcastShape = z
  .strictObject({
    title: lineOfText(1, 100),
    productIds: uniqueIds(maxProducts).default([]),
    scheduledAt: z.iso
      .datetime({ offset: true })
      .refine((time) => Date.parse(time) < latestSchedule, 'must be before the year 2100')
      .optional()
      .describe('absent: it opens at once; else the seller opens it when the time has come'),
    recording: z.boolean().default(false).describe('whether it is kept as video on demand'),
    listed: z.boolean().default(true).describe('false: a rehearsal, in no list; who has its address sees it'),
  })
  .meta({ id: 'NewBroadcast' })

export const newPinShape = z
  .strictObject({ productId: idShape.nullable().describe('null takes the pin away') })
  .meta({ id: 'NewPin' })

export const newPinsShape = z
  .strictObject({ productIds: uniqueIds(maxPins).describe('in order; none takes the pins away') })
  .meta({ id: 'NewPins' })

export const pinShape = z
  .object({
    productId: z.string().nullable().describe('the first'),
    productIds: z.array(z.string()).max(maxPins),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Pin' })

export const newTrayShape = z
  .strictObject({
    items: z
      .array(z.strictObject({ productId: idShape, hidden: z.boolean().default(false) }))
      .max(maxProducts)
      .refine(
        (items) => new Set(items.map((item) => item.productId)).size === items.length,
        'must not name a product twice',
      ),
  })
  .meta({ id: 'NewTray', description: 'All products of a show, in order; what is left out is taken from it' })

const nullableTime = z.iso.datetime().nullable()

const encoderAdviceShape = z
  .object({
    code: z.enum(adviceCodes),
    keyFrameIntervalSeconds: z
      .number()
      .positive()
      .nullable()
      .describe('as it comes; null: not measured, or not what is the matter'),
    setKeyFrameIntervalSeconds: z.number().positive().describe('what to set it to'),
  })
  .meta({ id: 'EncoderAdvice' })

export const broadcastShape = z
  .object({
    id: z.string(),
    sellerId: z.string(),
    sellerName: z.string(),
    title: z.string(),
    state: z.enum(broadcastStates),
    listed: z.boolean().optional().describe('false: in no list; a process of the version before tells none'),
    imageUrls: imageUrlsShape.nullable(),
    products: z.array(productShape),
    hiddenProducts: z.array(productShape).describe('of what nobody but its seller sees; none for others'),
    trayRevision: z.number().int().min(0).describe('grows when products come, go, hide or move'),
    pinnedProductId: z.string().nullable().describe('the first of those pinned'),
    pinnedProductIds: z.array(z.string()).max(maxPins),
    viewers: z.number().int().min(0),
    hearts: z.number().int().min(0).describe('some seconds behind what the events tell'),
    rtmpUrl: z.string().describe('the server for the encoder; the stream key is the stream name'),
    hlsUrl: z.string().describe('the playlist, once the broadcast is live'),
    hlsOrigin: z.string().nullable().describe('where a page finds streams, if not at its own origin: before `/hls/`'),
    recordingUrl: z
      .string()
      .nullable()
      .describe('the playlist of its recording, once there is something of it; null: it is not recorded'),
    scheduledAt: nullableTime,
    openedAt: nullableTime,
    liveAt: nullableTime,
    endedAt: nullableTime,
    endedBy: z.enum(endings).nullable(),
    refusal: z.string().nullable().describe('of one that a rule of the platform refused: that rule, in its own words'),
    encoderAdvice: encoderAdviceShape.nullable().describe('what the seller should change about the encoder'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Broadcast' })

export const broadcastPageShape = pageOf(broadcastShape).meta({ id: 'BroadcastPage' })

/** What is shown with a broadcast. */
export interface BroadcastFacts {
  sellerName: string
  products: readonly { product: Product; level: StockLevel | undefined; hidden: boolean }[]
  /** Its seller asks. */
  own: boolean
  viewers: number
  advice: EncoderAdvice | undefined
  publicHttpUrl: string
  publicHlsUrl: string | undefined // where streams are, if they have an address of their own
  publicRtmpUrl: string
}

/** A broadcast as everybody sees it. */
export function presentBroadcast(broadcast: Broadcast, facts: BroadcastFacts): z.infer<typeof broadcastShape> {
  const hls = `${facts.publicHlsUrl ?? facts.publicHttpUrl}/hls/${broadcast.id}`
  const pinned = pinsOf(broadcast)?.productIds ?? []
  const productsWhere = (wanted: boolean) =>
    facts.products.filter(({ hidden }) => hidden === wanted).map(({ product, level }) => presentProduct(product, level))
  const iso = (time: Date | null) => time?.toISOString() ?? null
  return {
    id: broadcast.id,
    sellerId: broadcast.sellerId,
    sellerName: facts.sellerName,
    title: broadcast.title,
    state: broadcast.state,
    listed: Boolean(broadcast.listed),
    imageUrls: imageUrls(broadcast.imageId),
    products: productsWhere(false),
    hiddenProducts: facts.own ? productsWhere(true) : [],
    trayRevision: broadcast.trayRevision,
    pinnedProductId: pinned[0] ?? null,
    pinnedProductIds: pinned,
    viewers: facts.viewers,
    hearts: broadcast.hearts,
    rtmpUrl: facts.publicRtmpUrl,
    hlsUrl: `${hls}/index.m3u8`,
    hlsOrigin: facts.publicHlsUrl ?? null,
    recordingUrl: broadcast.recording ? `${hls}/recording/index.m3u8` : null,
    scheduledAt: iso(broadcast.scheduledAt),
    openedAt: iso(broadcast.openedAt),
    liveAt: iso(broadcast.liveAt),
    endedAt: iso(broadcast.endedAt),
    endedBy: broadcast.endedBy,
    refusal: broadcast.refusal,
    encoderAdvice: facts.advice ?? null,
    createdAt: broadcast.createdAt.toISOString(),
  }
}
