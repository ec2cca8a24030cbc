/** What lies over the show: `?buy=<product>`, `?products`, `?sign-in`, or nothing. */
export type SheetRoute = { kind: 'closed' | 'products' | 'sign-in' } | { kind: 'buy'; productId: string }

const plainKinds = ['products', 'sign-in'] as const

/** Reads what is open out of an address's query. */
export function readSheetRoute(search: string): SheetRoute {
  const query = new URLSearchParams(search)
  const productId = query.get('buy')
  if (productId !== null && productId !== '') return { kind: 'buy', productId }
  return { kind: plainKinds.find((kind) => query.has(kind)) ?? 'closed' }
}

/** The query for what is to be open; what else the address says stays. */
export function searchWith(search: string, next: SheetRoute): string {
  const query = new URLSearchParams(search)
  for (const kind of ['buy', ...plainKinds]) query.delete(kind)
  if (next.kind === 'buy') query.set('buy', next.productId)
  else if (next.kind !== 'closed') query.set(next.kind, '')
  return query.size === 0 ? '' : `?${query}`
}
