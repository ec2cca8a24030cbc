import { Link } from 'wouter-preact'
import { AccountGate } from '../accounts/account-gate.tsx'
import { listOwnBroadcasts, listOwnProducts } from '../api/commerce.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { BusinessSection } from './business-section.tsx'
import { BroadcastsSection } from './broadcasts-section.tsx'
import { CouponsSection } from './coupons-section.tsx'
import { OnAir } from './on-air.tsx'
import { ProductsSection } from './products-section.tsx'
import { SalesSection } from './sales-section.tsx'
import { ShippingSection } from './shipping-section.tsx'
import { StreamKeySection } from './stream-key-section.tsx'
import '../styles/studio.css' // oxlint-disable-line import/no-unassigned-import -- styles have no names

const refreshMs = 10_000
const openStates: ReadonlySet<string> = new Set(['open', 'live', 'interrupted'])

/** `/studio`: the seller's desk: key, products, broadcasts, and the one that is on air. */
export function StudioPage() {
  useTitle(t('studio.title'))
  return (
    <div class="page">
      <header class="hero">
        <h1>{t('studio.title')}</h1>
        <p class="muted">{t('studio.intro')}</p>
        <p>
          <Link href="/studio/orders">{t('desk.title')}</Link> · <Link href="/studio/barred">{t('studio.barred')}</Link>{' '}
          · <Link href="/studio/chat">{t('studio.chat')}</Link>
        </p>
      </header>
      <AccountGate reason={t('account.needed')} start="signUp">
        <Desk key={account.value?.id} />
      </AccountGate>
    </div>
  )
}

function Desk() {
  const broadcasts = useResource(listOwnBroadcasts, { everyMs: refreshMs })
  const products = useResource(listOwnProducts)
  const onAir = broadcasts.value?.find(({ state }) => openStates.has(state))
  const reload = () => {
    broadcasts.reload()
    products.reload()
  }
  return (
    <div class="desk">
      <ErrorNote error={broadcasts.error ?? products.error} />
      {onAir && <OnAir key={onAir.id} broadcast={onAir} products={products.value ?? []} onChanged={reload} />}
      <StreamKeySection rtmpUrl={broadcasts.value?.[0]?.rtmpUrl} />
      <ProductsSection products={products.value} onChanged={products.reload} />
      <BroadcastsSection
        broadcasts={broadcasts.value}
        products={products.value ?? []}
        canOpen={onAir === undefined}
        onChanged={broadcasts.reload}
      />
      <SalesSection />
      <CouponsSection />
      <ShippingSection />
      <BusinessSection />
    </div>
  )
}
