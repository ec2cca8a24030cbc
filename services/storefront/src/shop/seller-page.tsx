import { listShowsOf, readSeller, searchProducts } from '../api/catalogue.ts'
import type { Broadcast, Seller } from '../api/model.ts'
import { ApiProblem } from '../api/problem.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { BroadcastCard } from './broadcast-card.tsx'
import { BusinessFacts } from './business-facts.tsx'
import { shopText } from './catalogue-texts.ts'
import { FoundProducts } from './found-products.tsx'
// oxlint-disable-next-line import/no-unassigned-import -- styles that come with this page
import '../styles/catalogue.css'

interface Shown {
  seller: Seller
  shows: readonly Broadcast[]
}

/** `/sellers/:id`: who sells, whose business it is, what is on sale, and the shows. */
export function SellerPage({ id }: { id: string }) {
  const { value, error } = useResource((signal) => readShown(id, signal), { key: id })
  useTitle(value?.seller.displayName ?? '')
  if (value === null) return <p class="panel narrow">{shopText('seller.missing')}</p>
  if (value === undefined) {
    return (
      <div class="page">
        <ErrorNote error={error} />
        {error === undefined && <p class="muted">{t('common.loading')}</p>}
      </div>
    )
  }
  const { seller, shows } = value
  const ended = shows.filter(({ state, recordingUrl }) => state === 'ended' && recordingUrl !== null)
  return (
    <div class="page" data-testid={testIds.sellerPage}>
      <h1>{seller.displayName}</h1>
      <Shows id="live" title={shopText('seller.live')} shows={shows.filter(({ state }) => state !== 'ended')} />
      <section aria-labelledby="products">
        <h2 id="products">{shopText('seller.products')}</h2>
        <FoundProducts
          key={id}
          read={(cursor) => searchProducts({ seller: id, cursor })}
          heading="h3"
          none={shopText('seller.none')}
        />
      </section>
      <Shows id="replays" title={shopText('seller.replays')} shows={ended} />
      <section class="panel stack" aria-labelledby="business">
        <h2 id="business">{shopText('seller.business')}</h2>
        {seller.business ? (
          <BusinessFacts business={seller.business} />
        ) : (
          <p class="muted">{shopText('seller.noBusiness')}</p>
        )}
      </section>
    </div>
  )
}

function Shows({ id, title, shows }: { id: string; title: string; shows: readonly Broadcast[] }) {
  if (shows.length === 0) return null
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ul class="grid">
        {shows.map((show) => (
          <BroadcastCard key={show.id} broadcast={show} heading="h3" />
        ))}
      </ul>
    </section>
  )
}

/** Null: there is no such seller. */
async function readShown(id: string, signal: AbortSignal): Promise<Shown | null> {
  try {
    const [seller, shows] = await Promise.all([readSeller(id, signal), listShowsOf(id, signal)])
    return { seller, shows }
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null
    throw error
  }
}
