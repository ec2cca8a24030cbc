import { Link } from 'wouter-preact'
import { openBroadcast } from '../api/commerce.ts'
import type { Broadcast, Product } from '../api/model.ts'
import { formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Picture } from '../ui/picture.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import { useAction } from '../ui/use-action.ts'
import { BroadcastForm } from './broadcast-form.tsx'
import { RehearsalNote } from './rehearsal.tsx'

/** The seller's broadcasts, and the form for the next one. */
export function BroadcastsSection({
  broadcasts,
  products,
  canOpen,
  onChanged,
}: {
  broadcasts: readonly Broadcast[] | undefined
  products: readonly Product[]
  canOpen: boolean
  onChanged: () => void
}) {
  return (
    <section class="panel stack" aria-labelledby="broadcasts-title">
      <h2 id="broadcasts-title">{t('studio.broadcasts')}</h2>
      {broadcasts?.length === 0 && <p class="muted">{t('studio.broadcastsNone')}</p>}
      <ul class="product-list">
        {broadcasts?.map((broadcast) => (
          <BroadcastRow key={broadcast.id} broadcast={broadcast} canOpen={canOpen} onChanged={onChanged} />
        ))}
      </ul>
      <details open={broadcasts?.length === 0}>
        <summary>{t('studio.broadcastNew')}</summary>
        <BroadcastForm products={products} onSaved={onChanged} />
      </details>
    </section>
  )
}

function BroadcastRow({
  broadcast,
  canOpen,
  onChanged,
}: {
  broadcast: Broadcast
  canOpen: boolean
  onChanged: () => void
}) {
  const open = useAction(async () => {
    await openBroadcast(broadcast.id)
    onChanged()
  })
  return (
    <li class="product" data-testid={testIds.studioBroadcast(broadcast.id)} data-state={broadcast.state}>
      <Picture urls={broadcast.imageUrls} size="list" letter={broadcast.title} />
      <div class="product-text">
        <StateBadge state={broadcast.state} />
        <h3>
          <Link href={`/watch/${broadcast.id}`}>{broadcast.title}</Link>
        </h3>
        <p class="muted small">{formatTime(broadcast.scheduledAt ?? broadcast.createdAt, locale.value)}</p>
        {broadcast.liveAt !== null && (
          <Link class="small" href={`/studio/report/${broadcast.id}`} data-testid={testIds.openReport(broadcast.id)}>
            {t('studio.report')}
          </Link>
        )}
        {broadcast.refusal !== null && (
          <p class="warning small" data-testid={testIds.refusal}>
            {t('studio.refused', { why: broadcast.refusal })}
          </p>
        )}
        {broadcast.state !== 'ended' && <RehearsalNote broadcast={broadcast} />}
        <ErrorNote error={open.error} />
      </div>
      {broadcast.state === 'scheduled' && (
        <button
          type="button"
          class="button"
          disabled={open.busy || !canOpen}
          data-testid={testIds.openBroadcast}
          onClick={() => open.run()}
        >
          {t('studio.open')}
        </button>
      )}
    </li>
  )
}
