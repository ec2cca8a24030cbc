import { Readable } from 'node:stream'
import { z } from 'zod'
import { dropRest } from '@mytaek1/platform/drop-rest.ts'
import { UnsupportedMediaTypeError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { exportProducts } from './product-file/export-products.ts'
import { importProducts } from './product-file/import-products.ts'
import { readProductFile } from './product-file/read-file.ts'
import { exportQuery, fileBytesMax, fileMediaTypes, importQuery, importStepShape } from './product-file/schema.ts'
import { readUpload } from './read-upload.ts'
import type { CatalogDeps } from './routes.ts'

const access = ['seller', 'admin'] as const
const exportMs = 300_000
const readMs = 30_000
const dropped = { bytes: 32 * 1024 * 1024, ms: 20_000 } // a browser reads the refusal only after it has sent all

/** All that a seller sells as one file, for a spreadsheet and back. */
export function productFileRoutes(deps: CatalogDeps): Endpoint[] {
  const { db, stockChanged, priceChanged, clock, files, images } = deps
  return [
    endpoint({
      method: 'get',
      path: '/products.csv',
      summary: 'The caller’s products as CSV: a row for each variant, with price, stock, code and state',
      access,
      query: exportQuery,
      responses: {
        200: { description: 'UTF-8 with a byte order mark', contentType: 'text/csv', schema: z.string() },
        429: { description: '`rate_limited`' },
      },
      handle: async ({ query: { language }, caller }) => {
        await files.limit.consume(caller.sub)
        const text = Readable.from(exportProducts(db, { sellerId: caller.sub, language }), {
          signal: AbortSignal.timeout(exportMs), // whoever reads slower than that is cut off
        })
        return {
          status: 200,
          body: text,
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': 'attachment; filename="products.csv"',
            'cache-control': 'no-store',
          },
        }
      },
    }),
    endpoint({
      method: 'post',
      path: '/products.csv',
      summary: 'Create and change products by such a file, or say line by line what it would do and what is refused',
      access,
      query: importQuery,
      streamedBody: fileMediaTypes,
      responses: {
        200: { description: 'What became of some of its products', schema: importStepShape },
        400: { description: '`invalid_request`, `upload_too_slow`' },
        413: { description: '`body_too_large`' },
        415: { description: '`unsupported_media_type`' },
        429: { description: '`rate_limited`' },
        503: { description: '`busy`' },
      },
      handle: async ({ query, caller }, ctx) => {
        const dryRun = query.dryRun === 'true'
        try {
          await files.limit.consume(caller.sub)
          if (!ctx.is(...fileMediaTypes)) throw new UnsupportedMediaTypeError(ctx.get('content-type'), fileMediaTypes)
          const bytes = await images.reading.run(() => readUpload(ctx.req, { maxBytes: fileBytesMax, readMs }))
          return await files.work.run(async () => {
            const file = readProductFile(bytes, ctx.request.charset || undefined)
            const { sub: sellerId } = caller
            const input = { sellerId, file, fromLine: query.fromLine, dryRun }
            const step = await importProducts({ db, stockChanged, priceChanged, now: clock() }, input)
            const { encoding, faults } = file
            return {
              status: 200,
              body: { dryRun, encoding, faults, ...step },
              headers: { 'cache-control': 'no-store' },
            }
          })
        } catch (error) {
          dropRest(ctx.req, dropped)
          throw error
        }
      },
    }),
  ]
}
