/** Calls about products beyond a show: their pictures, drafts and copies. */
import { categoryIds } from '@mytaek1/contracts/categories.ts'
import type { Broadcast, NewProduct, Page, Product, ProductDetails, ProductPicture, Seller } from './model.ts'
import { operate, operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

/** One of the signed-in seller's products with its pictures; a draft, too. */
export const readOwnProduct = (id: string): Promise<ProductDetails> =>
  operateSignedIn('get', `${base}/products/{id}`, { params: { id } })

/** A product as everybody sees it, with its pictures. */
export const readProductDetails = (id: string, signal?: AbortSignal): Promise<ProductDetails> =>
  operate('get', `${base}/products/{id}`, { params: { id }, signal })

/** Adds a picture behind the others. @throws {ApiProblem} code `too_many_pictures`, and those of every upload. */
export async function addPicture(productId: string, file: Blob): Promise<ProductPicture[]> {
  return (await operateSignedIn('post', `${base}/products/{id}/pictures`, { params: { id: productId }, file })).pictures
}

/** Puts pictures in order, and says what they show. @throws {ApiProblem} code `pictures_changed`. */
export async function arrangePictures(
  productId: string,
  pictures: readonly ProductPicture[],
): Promise<ProductPicture[]> {
  const body = { pictures: pictures.map(({ id, alt }) => ({ id, alt })) }
  return (await operateSignedIn('put', `${base}/products/{id}/pictures`, { params: { id: productId }, body })).pictures
}

export async function removePicture(productId: string, imageId: string): Promise<ProductPicture[]> {
  const params = { id: productId, imageId }
  return (await operateSignedIn('delete', `${base}/products/{id}/pictures/{imageId}`, { params })).pictures
}

/** Copies a product with its pictures; the copy is a draft with nothing in stock. */
export const copyProduct = (id: string): Promise<Product> =>
  operateSignedIn('post', `${base}/products/{id}/copies`, { params: { id } })

/** What a product may be filed under. */
export type CategoryId = NonNullable<NewProduct['category']>

/** An id of the tree of categories; undefined for anything else. */
export const toCategory = (text: string): CategoryId | undefined =>
  categoryIds.find((id): id is CategoryId => id === text)

/** How found products may be ordered. */
export const productSorts = ['newest', 'cheapest', 'dearest'] as const
export type ProductSort = (typeof productSorts)[number]

/** Products on sale that have all words of `q` in their names. */
export const searchProducts = (query: {
  q?: string
  category?: CategoryId | undefined
  sort?: ProductSort
  seller?: string
  cursor?: string | undefined
}): Promise<Page<Product>> => operate('get', `${base}/products`, { query: { ...query, limit: 24 } })

/** A seller with whose business it is. */
export const readSeller = (id: string, signal?: AbortSignal): Promise<Seller> =>
  operate('get', `${base}/sellers/{id}`, { params: { id }, signal })

/** A seller's shows, the newest first. */
export async function listShowsOf(sellerId: string, signal?: AbortSignal): Promise<Broadcast[]> {
  return (await operate('get', `${base}/broadcasts`, { query: { seller: sellerId, limit: 40 }, signal })).items
}
