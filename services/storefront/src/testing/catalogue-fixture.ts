/** Products beyond a show, as the fixture answers them: pictures, sellers, searches; as much as the pages are tested with. */
import type { ImageUrls, Product, ProductPicture } from '../api/model.ts'
import type { ImportStep } from '../api/product-files.ts'
import { makeProduct, type FixtureState } from './fixture-state.ts'

interface Answer {
  status: number
  body: unknown
}

/** Answers a request about the catalogue; undefined for any other. */
export function answerCatalogue(
  route: string,
  url: URL,
  body: Record<string, unknown>,
  state: FixtureState,
  business: unknown,
): Answer | undefined {
  const [method = '', path = ''] = route.split(' ')
  const [, first = '', id = '', second = '', third = ''] = path.split('/')
  if (route === 'POST /products.csv') return { status: 200, body: importStep(url.searchParams, state) }
  if (first === 'sellers') {
    if (id !== 'u-seller')
      return { status: 404, body: { type: 'about:blank', title: '', status: 404, code: 'not_found' } }
    return { status: 200, body: { id, displayName: '제주농장', business: business ?? null } }
  }
  if (first !== 'products' || id === '') return route === 'GET /products' ? found(url, state) : undefined
  const product = state.products.get(id)
  if (second === 'pictures') return pictures(method, id, third, body, state)
  if (second === 'copies' && product) {
    const copy = { ...product, id: `p-${state.products.size + 1}`, draft: true, listed: false, stock: 0 }
    state.products.set(copy.id, copy)
    return { status: 201, body: withPictures(copy, state) }
  }
  if (method !== 'GET' || second !== '') return undefined
  if (!product) return { status: 404, body: { type: 'about:blank', title: '', status: 404, code: 'not_found' } }
  return { status: 200, body: withPictures(product, state) }
}

/** Any number makes a picture, of a colour of its own. */
export function makePicture(number: number, alt = ''): ProductPicture {
  const file = `/images/fixture-${number}.svg`
  const files = { avif: file, webp: file, jpeg: file }
  const imageUrls: ImageUrls = { list: files, card: files, full: files }
  return { id: `i-${number}`, alt, imageUrls }
}

/** The file of such a picture; undefined for any other path. */
export function pictureFile(path: string): string | undefined {
  const number = /^\/images\/fixture-(\d+)\.svg$/.exec(path)?.[1]
  if (number === undefined) return undefined
  const colour = `hsl(${(Number(number) * 67) % 360} 60% 60%)`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><rect width="640" height="480" fill="${colour}"/><circle cx="320" cy="240" r="${60 + Number(number) * 12}" fill="#fff8"/></svg>`
}

function pictures(
  method: string,
  id: string,
  imageId: string,
  body: Record<string, unknown>,
  state: FixtureState,
): Answer {
  const now = state.pictures.get(id) ?? []
  if (method === 'POST') state.pictures.set(id, [...now, makePicture(++state.pictureCount)])
  if (method === 'DELETE') {
    state.pictures.set(
      id,
      now.filter((each) => each.id !== imageId),
    )
  }
  if (method === 'PUT') {
    const wanted = body['pictures'] as { id: string; alt: string }[]
    state.pictures.set(
      id,
      wanted.flatMap(({ id: each, alt }) => now.filter((one) => one.id === each).map((one) => ({ ...one, alt }))),
    )
  }
  const all = state.pictures.get(id) ?? []
  const product = state.products.get(id)
  if (product) product.imageUrls = all[0]?.imageUrls ?? null
  return { status: method === 'POST' ? 201 : 200, body: { pictures: all } }
}

const withPictures = (product: Product, state: FixtureState) => ({
  ...product,
  pictures: state.pictures.get(product.id) ?? [],
})

function found(url: URL, state: FixtureState): Answer {
  const asked = url.searchParams
  if (asked.get('seller') === 'me')
    return { status: 200, body: { items: [...state.products.values()], nextCursor: null } }
  const words = (asked.get('q') ?? '').split(' ')
  const items = [...state.products.values()].filter(({ name, category }) => {
    const isWithin = asked.get('category') === null || (category ?? '').startsWith(asked.get('category') ?? '')
    return isWithin && words.every((word) => name.includes(word))
  })
  const sign = { cheapest: 1, dearest: -1 }[asked.get('sort') ?? ''] ?? 0
  items.sort((one, other) => sign * (one.price.amount - other.price.amount))
  const from = Number(asked.get('cursor') ?? 0)
  const to = from + pageLength
  return { status: 200, body: { items: items.slice(from, to), nextCursor: to < items.length ? String(to) : null } }
}

const pageLength = 2

/** A file of three products in two steps: one is new, one refused, one changed. */
function importStep(query: URLSearchParams, { products, imports }: FixtureState): ImportStep {
  const dryRun = query.get('dryRun') === 'true'
  const fromLine = Number(query.get('fromLine'))
  imports.push({ dryRun, fromLine })
  const step = { dryRun, encoding: 'euc-kr' as const, faults: [] }
  const line = { productId: null, name: '유자차', changes: [], faults: [] }
  const fault = { line: 3, column: 'price', rule: 'value' as const, hint: '많이' }
  if (fromLine === 1) {
    const lines = [
      { ...line, line: 2, deed: 'create' as const },
      { ...line, line: 3, deed: 'refused' as const, name: '꿀', faults: [fault] },
    ]
    return { ...step, products: { inFile: 3, done: 2 }, nextLine: 4, lines }
  }
  if (!dryRun) products.set('p-file', makeProduct('p-file', '유자차', 9_000, 5))
  const changes = [{ column: 'stock', from: '42', to: '50' }]
  const lines = [{ ...line, line: 4, deed: 'change' as const, name: '감귤', changes }]
  return { ...step, products: { inFile: 3, done: 3 }, nextLine: null, lines }
}
