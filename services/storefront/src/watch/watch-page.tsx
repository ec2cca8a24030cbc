import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Broadcast, Product } from '../api/model.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { heldOf, heldOrders, readHeldOrders } from '../shop/held-orders.ts'
import { onOrderNews } from '../shop/order-news.ts'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import { lazyPage } from '../ui/lazy-page.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { useTitle } from '../ui/use-title.ts'
import { HeldNote } from './held-note.tsx'
import { LiveFeed } from './live-feed.ts'
import { chatUntil, trayOf } from './live-state.ts'
import { PinnedCards } from './pinned-card.tsx'
import { ProductList } from './product-list.tsx'
import { SignInSheet } from './sign-in-sheet.tsx'
import { Stage } from './stage.tsx'
import { StockAnnouncer } from './stock-announcer.tsx'
import { usePictureRatio } from './use-picture-ratio.ts'
import { useSheetRoute } from './use-sheet-route.ts'

const loadCheckout = async () => (await import('../shop/checkout-panel.tsx')).CheckoutPanel
const CheckoutPanel = lazyPage(loadCheckout)
// it comes beside the picture, not before it; what waits for it has its size
const loadChat = async () => (await import('./chat-panel.tsx')).ChatPanel
const chatToCome = (
  <section class="chat">
    <header class="chat-head" />
    <div class="chat-log" />
    <div class="chat-form chat-waiting" />
  </section>
)
const ChatPanel = lazyPage(loadChat, { waiting: chatToCome })
// few wait for something, and who does hears of it beside the picture
const OfferNote = lazyPage(async () => (await import('./offer-note.tsx')).OfferNote, { waiting: null })
const uprightBelow = 0.7 // width by height: such a picture fills an upright screen

/** A picture of a stream, of some seconds ago; pages show pictures of their own origin only. */
const previewUrl = ({ id, hlsOrigin }: Broadcast) =>
  hlsOrigin === null ? `/hls/${encodeURIComponent(id)}/thumbnail.jpg` : undefined

/** `/watch/:id`: the picture, the products and the order beside it, the chat. */
export function WatchPage({ id }: { id: string }) {
  const feed = useMemo(() => new LiveFeed(id), [id])
  useEffect(() => {
    feed.start()
    return () => feed.stop()
  }, [feed])
  useEffect(() => void loadChat().catch(() => undefined), []) // whoever is shown it tries again
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

function Watch({ broadcast, feed }: { broadcast: Broadcast; feed: LiveFeed }) {
  useEffect(() => void loadCheckout().catch(() => undefined), []) // before anybody presses; whoever does tries again
  const frame = useRef<HTMLDivElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const [replayedAtMs, setReplayedAtMs] = useState<number>()
  const { sheet, open, close } = useSheetRoute()
  const live = feed.live.value
  const ratio = usePictureRatio(video, live.state === 'live' ? previewUrl(broadcast) : undefined)
  const closed = live.state === 'ended'
  const stockOf = (product: Product) => live.stock.get(product.id)?.stock ?? product.stock
  // one price on the whole screen: the newest that came, by whatever way
  const priceOf = (product: Product) => {
    const { id, deal } = product
    return { ...product, ...live.prices.get(id), deal: live.deals.get(id) ?? deal }
  }
  const priced = trayOf(live, broadcast).map(priceOf)
  // once it is over nothing is shown now
  const pinned = closed ? [] : live.pinnedProductIds.flatMap((id) => priced.find((product) => product.id === id) ?? [])
  const products = [...pinned, ...priced.filter((product) => !pinned.includes(product))]
  // what is being bought, or held, stays so when the seller hides it
  const known = useKnown(broadcast.products).map(priceOf)
  const ordered = sheet.kind === 'buy' ? known.find((product) => product.id === sheet.productId) : undefined
  const refresh = () => void feed.refresh() // its failures are kept in the feed
  const held = useHeldOrders(sheet.kind)
  const isHeld = (product: Product) => heldOf(held, product.id) !== undefined
  const heldHere = known.find(isHeld)
  const heldOrder = heldHere && heldOf(held, heldHere.id)
  const buy = (product: Product) => open({ kind: 'buy', productId: product.id })
  const list = {
    products,
    pinnedIds: pinned.map(({ id }) => id),
    stockOf,
    isHeld,
    closed,
    onBuy: buy,
  }

  return (
    <div
      ref={frame}
      class="watch"
      style={{ '--ratio': ratio?.toFixed(4) }}
      data-unshaped={ratio === undefined || undefined}
      data-upright={(ratio ?? 0) < uprightBelow || undefined}
      tabIndex={-1}
    >
      <Stage
        broadcast={broadcast}
        live={live}
        connected={feed.connected.value}
        frame={frame}
        video={video}
        onReplay={setReplayedAtMs}
        onOver={refresh}
        onSignIn={() => open({ kind: 'sign-in' })}
      />
      <div class="offer">
        {heldHere && heldOrder && sheet.kind === 'closed' && (
          <HeldNote
            order={heldOrder}
            onOpen={() => buy(heldHere)}
            onOver={() => void readHeldOrders() /* never rejects */}
          />
        )}
        {account.value && !closed && sheet.kind === 'closed' && <OfferNote products={known} onOpen={buy} />}
        <PinnedCards products={pinned.filter(({ id }) => id !== heldHere?.id)} stockOf={stockOf} onBuy={buy} />
        <button
          type="button"
          class="open-products"
          data-testid={testIds.openProducts}
          onClick={() => open({ kind: 'products' })}
        >
          <Icon name="bag" /> {t('shop.productsCount', { count: products.length })}
        </button>
      </div>
      <aside class="side">
        {sheet.kind !== 'products' && <ProductList {...list} />}
        <ChatPanel
          broadcastId={broadcast.id}
          sellerId={broadcast.sellerId}
          messages={chatUntil(live.chat, replayedAtMs)}
          hidden={live.hidden}
          settings={live.chatSettings}
          closed={closed}
          onSaid={(message) => feed.said(message)}
          onSignIn={() => open({ kind: 'sign-in' })}
        />
      </aside>
      {ordered && (
        <Sheet key="buy" labelledBy="checkout-title" onClose={close}>
          <CheckoutPanel
            key={ordered.id}
            product={ordered}
            left={stockOf(ordered)}
            variantStock={live.variantStock}
            broadcastId={broadcast.id}
            onPriceChanged={refresh}
            onClose={close}
          />
        </Sheet>
      )}
      {sheet.kind === 'products' && (
        <Sheet key="products" labelledBy="products-title" onClose={close}>
          <ProductList {...list} onClose={close} />
        </Sheet>
      )}
      {sheet.kind === 'sign-in' && <SignInSheet onClose={close} />}
      <StockAnnouncer products={known} live={live} />
    </div>
  )
}

/** What the viewer holds; read when no sheet is open any more, and with news of an order: not by each of a crowd that comes back. */
function useHeldOrders(sheet: string) {
  const signedIn = account.value?.id
  useEffect(() => {
    if (sheet === 'closed') void readHeldOrders() // it never rejects
  }, [signedIn, sheet])
  useEffect(
    () =>
      onOrderNews((news) => {
        if (news !== undefined || heldOrders.value.length > 0) void readHeldOrders()
      }),
    [],
  )
  return heldOrders.value
}

/** All products that this page was ever shown, as last read. */
function useKnown(products: readonly Product[]): Product[] {
  const known = useRef(new Map<string, Product>())
  for (const product of products) known.current.set(product.id, product)
  return [...known.current.values()]
}
