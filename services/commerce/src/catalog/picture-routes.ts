import { z } from 'zod'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { idShape } from '../ids.ts'
import { lineOfText } from '../text.ts'
import { changePictures, picturesOf } from './change-pictures.ts'
import { requireOwnProduct } from './change-product.ts'
import { imageMediaTypes } from './image-type.ts'
import { arranged, maxPictures, withLead, withoutPicture, withPicture } from './pictures.ts'
import type { Product } from './product.ts'
import { imageUrls } from './renditions.ts'
import { refusals, type CatalogDeps } from './routes.ts'
import { picturesShape, presentPictures, productIdParams, uploadedImageShape } from './schema.ts'
import { uploadImage, uploadRefusals } from './upload-image.ts'

const access = ['seller', 'admin'] as const
const pictureParams = z.object({ id: idShape, imageId: idShape })
const answerShape = z.object({ pictures: picturesShape }).meta({ id: 'ProductPictures' })
const arrangementShape = z
  .strictObject({
    pictures: z.array(z.strictObject({ id: idShape, alt: lineOfText(0, 200) })).max(maxPictures),
  })
  .meta({ id: 'PictureArrangement', description: 'Every picture of the product, once each; the first leads' })

/** The pictures of a product. */
export function pictureRoutes(deps: CatalogDeps): Endpoint[] {
  const { db, clock, limits } = deps
  const answer = async (product: Product) => ({
    pictures: presentPictures((await picturesOf(db, [product])).get(product.id) ?? []),
  })
  return [
    endpoint({
      method: 'put',
      path: '/products/{id}/image',
      summary: 'Set a product’s lead picture; it is re-encoded, the original is not kept',
      access,
      params: productIdParams,
      streamedBody: imageMediaTypes,
      responses: {
        200: { description: 'Where its files are', schema: uploadedImageShape },
        ...refusals,
        ...uploadRefusals,
      },
      handle: async ({ params, caller }, ctx) => {
        await requireOwnProduct(db, caller, params.id)
        await limits.upload.consume(caller.sub)
        const imageId = await uploadImage({ ...deps.images, db, now: clock() }, ctx.req)
        const lead = await changePictures({ db, now: clock() }, params.id, (all) => withLead(all, imageId))
        return { status: 200, body: { imageUrls: imageUrls(lead.imageId) } }
      },
    }),
    endpoint({
      method: 'post',
      path: '/products/{id}/pictures',
      summary: 'Add a picture behind the others; the same one again changes nothing',
      access,
      params: productIdParams,
      streamedBody: imageMediaTypes,
      responses: {
        201: { description: 'All its pictures', schema: answerShape },
        409: { description: '`too_many_pictures`' },
        ...refusals,
        ...uploadRefusals,
      },
      handle: async ({ params, caller }, ctx) => {
        await requireOwnProduct(db, caller, params.id)
        await limits.upload.consume(caller.sub)
        const imageId = await uploadImage({ ...deps.images, db, now: clock() }, ctx.req)
        const product = await changePictures({ db, now: clock() }, params.id, (all) => withPicture(all, imageId))
        return { status: 201, body: await answer(product) }
      },
    }),
    endpoint({
      method: 'put',
      path: '/products/{id}/pictures',
      summary: 'Order a product’s pictures, and say what they show',
      access,
      params: productIdParams,
      body: arrangementShape,
      responses: {
        200: { description: 'All its pictures', schema: answerShape },
        400: { description: '`invalid_request`' },
        409: { description: '`pictures_changed`: it has others by now' },
        429: { description: '`rate_limited`' },
        ...refusals,
      },
      handle: async ({ params, body, caller }) => {
        await requireOwnProduct(db, caller, params.id)
        await limits.write.consume(caller.sub)
        const wanted = body.pictures.map(({ id, alt }) => ({ imageId: id, alt }))
        const product = await changePictures({ db, now: clock() }, params.id, (all) => arranged(all, wanted))
        return { status: 200, body: await answer(product) }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/products/{id}/pictures/{imageId}',
      summary: 'Remove a picture; orders keep the one that they show',
      access,
      params: pictureParams,
      responses: {
        200: { description: 'The pictures that are left', schema: answerShape },
        429: { description: '`rate_limited`' },
        ...refusals,
      },
      handle: async ({ params, caller }) => {
        await requireOwnProduct(db, caller, params.id)
        await limits.write.consume(caller.sub)
        const product = await changePictures({ db, now: clock() }, params.id, (all) =>
          withoutPicture(all, params.imageId),
        )
        return { status: 200, body: await answer(product) }
      },
    }),
  ]
}
