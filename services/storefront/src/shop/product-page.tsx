import { Link } from 'wouter-preact'
import { listShowsOf, readProductDetails, readSeller } from '../api/catalogue.ts'
import type { Broadcast, ProductDetails, Seller, ShippingRule } from '../api/model.ts'
import { ApiProblem } from '../api/problem.ts'
import { readShippingRule } from '../api/shipping.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { lazyPage } from '../ui/lazy-page.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { DealPrice } from '../watch/deal-price.tsx'
import { StockBadge } from '../watch/stock-badge.tsx'
import { useSheetRoute } from '../watch/use-sheet-route.ts'
import { BroadcastCard } from './broadcast-card.tsx'
import { BusinessFacts } from './business-facts.tsx'
import { shopText } from './catalogue-texts.ts'
import { Gallery } from './gallery.tsx'
import { describeRule } from './shipping-texts.ts'
// oxlint-disable-next-line import/no-unassigned-import -- styles that come with this page
import '../styles/catalogue.css'

const refreshMs = 10_000
const CheckoutPanel = lazyPage(async () => (await import('./checkout-panel.tsx')).CheckoutPanel)

interface Shown {
  product: ProductDetails
  seller: Seller | null
  shows: readonly Broadcast[]
  /** Undefined: nobody said. */
  shipping: ShippingRule | null | undefined
}

/** `/products/:id`: pictures, what it is and costs, who sells it, and in which shows; ordered from here, too. */
export function ProductPage({ id }: { id: string }) {
  const { value, error, reload } = useResource((signal) => readShown(id, signal), { key: id, everyMs: refreshMs })
  useTitle(value?.product.name ?? '')
  if (value === null) return <p class="panel narrow">{shopText('product.missing')}</p>
  if (value === undefined) {
    return (
      <div class="page">
        <ErrorNote error={error} />
        {error === undefined && <p class="muted">{t('common.loading')}</p>}
      </div>
    )
  }
  return <Details {...value} onPriceChanged={reload} />
}

function Details({ product, seller, shows, shipping, onPriceChanged }: Shown & { onPriceChanged: () => void }) {
  const { sheet, open, close } = useSheetRoute()
  return (
    <div class="page">
      <div class="product-page" data-testid={testIds.productPage}>
        <Gallery key={product.id} product={product} />
        <div class="stack">
          <h1>{product.name}</h1>
          <p class="price product-price">
            <span class="usual">{formatMoney(product.price, locale.value)}</span>{' '}
            {product.deal && <DealPrice price={product.price} deal={product.deal} />}
          </p>
          <p class="row">
            {product.listed ? (
              <StockBadge productId={product.id} stock={product.stock} />
            ) : (
              <span class="muted">{shopText('product.offSale')}</span>
            )}
            <span class="muted small">
              {shopText(product.requiresShipping ? 'product.delivery' : 'product.noDelivery')}
            </span>
          </p>
          {product.requiresShipping && shipping !== undefined && (
            <p class="muted small" data-testid={testIds.shippingRule}>
              {describeRule(shipping)}
            </p>
          )}
          <button
            type="button"
            class="button button-primary button-large"
            disabled={!product.listed}
            data-testid={testIds.buy(product.id)}
            onClick={() => open({ kind: 'buy', productId: product.id })}
          >
            {product.listed ? t(product.stock === 0 ? 'shop.wait' : 'shop.buy') : shopText('product.offSale')}
          </button>
          {product.description !== '' && (
            <section aria-labelledby="about">
              <h2 id="about">{shopText('product.description')}</h2>
              <p class="product-about">{product.description}</p>
            </section>
          )}
          <section aria-labelledby="seller" data-testid={testIds.productSeller}>
            <h2 id="seller">{shopText('product.seller')}</h2>
            {seller && (
              <p>
                {seller.displayName} · <Link href={`/sellers/${seller.id}`}>{shopText('seller.page')}</Link>
              </p>
            )}
            {seller?.business ? (
              <BusinessFacts business={seller.business} />
            ) : (
              <p class="muted small">{shopText('seller.noBusiness')}</p>
            )}
          </section>
        </div>
      </div>
      {shows.length > 0 && (
        <section aria-labelledby="shows">
          <h2 id="shows">{shopText('product.shows')}</h2>
          <ul class="grid">
            {shows.map((show) => (
              <BroadcastCard key={show.id} broadcast={show} heading="h3" />
            ))}
          </ul>
        </section>
      )}
      {sheet.kind === 'buy' && (
        <Sheet labelledBy="checkout-title" onClose={close}>
          <CheckoutPanel product={product} left={product.stock} onPriceChanged={onPriceChanged} onClose={close} />
        </Sheet>
      )}
    </div>
  )
}

/** Null: there is no such product. Without its seller or its shows it is one all the same. */
async function readShown(id: string, signal: AbortSignal): Promise<Shown | null> {
  try {
    const product = await readProductDetails(id, signal)
    const [seller, shows, shipping] = await Promise.all([
      readSeller(product.sellerId, signal).catch(() => null),
      listShowsOf(product.sellerId, signal).catch(() => []),
      readShippingRule(product.sellerId, signal).catch(() => undefined),
    ])
    const isShown = ({ state, products }: Broadcast) =>
      state !== 'ended' && products.some((each) => each.id === product.id)
    return { product, seller, shows: shows.filter(isShown), shipping }
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null
    throw error
  }
}
