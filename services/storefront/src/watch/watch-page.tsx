import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Broadcast, Product } from '../api/model.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { CheckoutPanel } from '../shop/checkout-panel.tsx'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import { useTitle } from '../ui/use-title.ts'
import { ChatPanel } from './chat-panel.tsx'
import { LiveFeed } from './live-feed.ts'
import { PinnedCard } from './pinned-card.tsx'
import { ProductCard } from './product-card.tsx'
import { Stage } from './stage.tsx'
import { StockAnnouncer } from './stock-announcer.tsx'

/** `/watch/:id`: the picture, the products and the order beside it, the chat. */
export function WatchPage({ id }: { id: string }) {
  const feed = useMemo(() => new LiveFeed(id), [id])
  useEffect(() => {
    feed.start()
    return () => feed.stop()
  }, [feed])
  const signedIn = account.value?.id
  const heardAs = useRef(signedIn)
  useEffect(() => {
    if (heardAs.current !== signedIn) feed.reopen() // so that it tells of this account's orders
    heardAs.current = signedIn
  }, [feed, signedIn])
  const broadcast = feed.broadcast.value
  useTitle(broadcast?.title ?? '')
  if (broadcast === null) return <p class="panel narrow">{t('watch.missing')}</p>
  if (broadcast === undefined) {
    return (
      <p class="watch watch-loading" role="status">
        {feed.connected.value ? t('common.loading') : t('watch.noAnswer')}
      </p>
    )
  }
  return <Watch broadcast={broadcast} feed={feed} />
}

type Sheet = { kind: 'closed' } | { kind: 'products' } | { kind: 'checkout'; productId: string }

function Watch({ broadcast, feed }: { broadcast: Broadcast; feed: LiveFeed }) {
  const frame = useRef<HTMLDivElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const cameFrom = useRef<Element | null>(null)
  const [sheet, setSheet] = useState<Sheet>({ kind: 'closed' })
  const live = feed.live.value
  const closed = live.state === 'ended'
  const stockOf = (product: Product) => live.stock.get(product.id)?.stock ?? product.stock
  // one price on the whole screen: the newest that came, by whatever way
  const priced = broadcast.products.map((product) => ({ ...product, ...live.prices.get(product.id) }))
  const pinned = priced.find((product) => product.id === live.pinnedProductId)
  const products = pinnedFirst(priced, pinned)
  const ordered = sheet.kind === 'checkout' ? priced.find((product) => product.id === sheet.productId) : undefined

  const open = (next: Sheet) => {
    if (sheet.kind === 'closed') cameFrom.current = document.activeElement
    setSheet(next)
  }
  const close = () => {
    setSheet({ kind: 'closed' })
    if (cameFrom.current instanceof HTMLElement) cameFrom.current.focus()
  }
  useEffect(() => {
    if (sheet.kind !== 'closed') panel.current?.focus()
  }, [sheet])

  return (
    <div ref={frame} class="watch" data-sheet={sheet.kind}>
      <Stage
        broadcast={broadcast}
        live={live}
        connected={feed.connected.value}
        frame={frame}
        onOver={() => void feed.refresh()} // its failures are kept in the feed
      >
        {pinned && (
          <PinnedCard
            product={pinned}
            stock={stockOf(pinned)}
            closed={closed}
            onBuy={() => open({ kind: 'checkout', productId: pinned.id })}
          />
        )}
        <button
          type="button"
          class="button open-products"
          data-testid={testIds.openProducts}
          onClick={() => open({ kind: 'products' })}
        >
          <Icon name="bag" /> {t('shop.productsCount', { count: products.length })}
        </button>
      </Stage>
      <aside class="side">
        <div
          ref={panel}
          class="shop-panel"
          tabIndex={-1}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && sheet.kind !== 'closed') close()
          }}
        >
          {ordered ? (
            <CheckoutPanel
              key={ordered.id}
              product={ordered}
              left={stockOf(ordered)}
              broadcastId={broadcast.id}
              onPriceChanged={() => void feed.refresh() /* its failures are kept in the feed */}
              onClose={close}
            />
          ) : (
            <section class="products" aria-labelledby="products-title">
              <header class="row row-apart">
                <h2 id="products-title">{t('shop.products')}</h2>
                <button type="button" class="icon-button sheet-close" aria-label={t('common.close')} onClick={close}>
                  <Icon name="close" />
                </button>
              </header>
              {products.length === 0 && <p class="muted">{t('shop.none')}</p>}
              <ul class="product-list">
                {products.map((product) => (
                  <ProductCard
                    key={product.id}
                    product={product}
                    stock={stockOf(product)}
                    pinned={product === pinned}
                    closed={closed}
                    onBuy={() => open({ kind: 'checkout', productId: product.id })}
                  />
                ))}
              </ul>
            </section>
          )}
        </div>
        <ChatPanel broadcastId={broadcast.id} messages={live.chat} closed={closed} />
      </aside>
      <StockAnnouncer products={broadcast.products} live={live} />
    </div>
  )
}

function pinnedFirst(products: readonly Product[], pinned: Product | undefined): readonly Product[] {
  return pinned === undefined ? products : [pinned, ...products.filter((product) => product !== pinned)]
}
