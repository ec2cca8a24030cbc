import type { LiveState } from './live-state.ts'

/** What changed since it was last told and is worth telling: the pinned products' stock, and anything that sold out. */
export function stockNews(
  told: ReadonlyMap<string, number>,
  live: Pick<LiveState, 'stock' | 'pinnedProductIds'>,
): { news: { productId: string; stock: number }[]; next: ReadonlyMap<string, number> } {
  const next = new Map([...live.stock].map(([productId, { stock }]) => [productId, stock]))
  const news = [...next]
    .filter(([productId, stock]) => {
      const before = told.get(productId)
      return before !== undefined && before !== stock && (live.pinnedProductIds.includes(productId) || stock === 0)
    })
    .map(([productId, stock]) => ({ productId, stock }))
  return { news, next }
}
