import { useEffect, useRef, useState } from 'preact/hooks'
import type { Product } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import type { LiveState } from './live-state.ts'
import { stockNews } from './stock-news.ts'

const quietMs = 10_000

/**
 * Speaks stock changes to screen readers (WCAG 4.1.3), at most every ten seconds and only of the pinned product or one
 * that sold out: a popular product changes many times a second.
 */
export function StockAnnouncer({ products, live }: { products: readonly Product[]; live: LiveState }) {
  const [text, setText] = useState('')
  const told = useRef<ReadonlyMap<string, number>>(new Map())
  const latest = useRef({ products, live })
  latest.current = { products, live }
  useEffect(() => {
    const timer = setInterval(() => {
      const { news, next } = stockNews(told.current, latest.current.live)
      told.current = next
      const names = new Map(latest.current.products.map((product) => [product.id, product.name]))
      const lines = news.map(({ productId, stock }) => {
        const name = names.get(productId) ?? ''
        return stock === 0 ? t('shop.stockGone', { name }) : t('shop.stockNews', { name, count: stock })
      })
      if (lines.length > 0) setText(lines.join(' '))
    }, quietMs)
    return () => clearInterval(timer)
  }, [])
  return (
    <p class="visually-hidden" aria-live="polite">
      {text}
    </p>
  )
}
