/** A product's pictures in order; the first leads, and is the one that lists and orders show. Pure. */
import { AppError, NotFoundError } from '@mytaek1/platform/errors.ts'

/** Pictures a product may have. */
export const maxPictures = 8

/** One of them; `alt` says what it shows to whoever does not see it. */
export interface ProductPicture {
  imageId: string
  alt: string
}

/** A product has as many pictures as one may. */
export class TooManyPicturesError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'too_many_pictures'
  constructor() {
    super(`A product may have ${maxPictures} pictures; remove one first`)
  }
}

/** The order that was asked for names other pictures than there are. */
export class PicturesChangedError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'pictures_changed'
  constructor() {
    super('The pictures are other ones now: read the product again, and name each of its pictures once')
  }
}

/** With a picture at the end; one that is there already stays where it is, so that an upload may be repeated. */
export function withPicture(pictures: readonly ProductPicture[], imageId: string): readonly ProductPicture[] {
  if (pictures.some((each) => each.imageId === imageId)) return pictures
  if (pictures.length >= maxPictures) throw new TooManyPicturesError()
  return [...pictures, { imageId, alt: '' }]
}

/** With a picture in place of the lead. */
export function withLead(pictures: readonly ProductPicture[], imageId: string): readonly ProductPicture[] {
  const [lead, ...rest] = pictures
  if (lead?.imageId === imageId) return pictures
  return [{ imageId, alt: '' }, ...rest.filter((each) => each.imageId !== imageId)]
}

/** Without a picture; throws NotFoundError. */
export function withoutPicture(pictures: readonly ProductPicture[], imageId: string): readonly ProductPicture[] {
  const rest = pictures.filter((each) => each.imageId !== imageId)
  if (rest.length === pictures.length) throw new NotFoundError('picture', imageId)
  return rest
}

/** In another order, or called otherwise; throws PicturesChangedError unless `wanted` names each of them once. */
export function arranged(
  pictures: readonly ProductPicture[],
  wanted: readonly ProductPicture[],
): readonly ProductPicture[] {
  const named = new Set(wanted.map(({ imageId }) => imageId))
  const isAll = wanted.length === pictures.length && pictures.every(({ imageId }) => named.has(imageId))
  if (!isAll) throw new PicturesChangedError()
  return wanted
}
