import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { Broadcast } from '../api/model.ts'
import { formatCount, formatMoney, formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import { Picture } from '../ui/picture.tsx'
import { StateBadge } from '../ui/state-badge.tsx'

/** One broadcast in the list: its picture, else a picture of now, its title, seller and viewers. */
export function BroadcastCard({ broadcast, heading: Heading }: { broadcast: Broadcast; heading: 'h2' | 'h3' }) {
  const live = broadcast.state === 'live' || broadcast.state === 'interrupted'
  return (
    <li class="card" data-testid={testIds.broadcastCard(broadcast.id)}>
      <Link href={`/watch/${broadcast.id}`} class="card-link">
        <div class="card-picture">
          <Thumbnail broadcast={broadcast} live={live} />
          <div class="card-badges">
            <StateBadge state={broadcast.state} />
            {live && (
              <span class="badge">
                <Icon name="eye" />
                {formatCount(broadcast.viewers, locale.value)}
                <span class="visually-hidden"> {t('list.viewers', { count: broadcast.viewers })}</span>
              </span>
            )}
          </div>
        </div>
        <div class="card-text">
          <Heading>{broadcast.title}</Heading>
          <p class="muted">{broadcast.sellerName}</p>
          <LeadProduct broadcast={broadcast} />
          {broadcast.state === 'scheduled' && broadcast.scheduledAt && (
            <p class="muted">{t('list.startsAt', { time: formatTime(broadcast.scheduledAt, locale.value) })}</p>
          )}
        </div>
      </Link>
    </li>
  )
}

/** What a show sells, by one of its products: the pinned one, else the first. */
function LeadProduct({ broadcast: { products, pinnedProductId } }: { broadcast: Broadcast }) {
  const lead = products.find(({ id }) => id === pinnedProductId) ?? products[0]
  if (lead === undefined) return null
  return (
    <p class="card-lead">
      <span class="card-lead-name">{lead.name}</span>{' '}
      <b>
        {formatMoney(lead.price, locale.value)}
        {products.length > 1 && ` ${t('list.more', { count: products.length - 1 })}`}
      </b>
    </p>
  )
}

const previewEveryMs = 20_000

// A picture of now, and of now again: the address changes with the time, and the list is drawn anew each time it is read.
function Thumbnail({ broadcast, live }: { broadcast: Broadcast; live: boolean }) {
  const [noPreview, setNoPreview] = useState(false)
  if (broadcast.imageUrls === null && live && !noPreview) {
    const at = Math.floor(Date.now() / previewEveryMs)
    const url = `/hls/${broadcast.id}/thumbnail.jpg?at=${at}`
    return <img class="picture" src={url} alt="" loading="lazy" onError={() => setNoPreview(true)} />
  }
  return <Picture urls={broadcast.imageUrls} size="card" letter={broadcast.title} />
}
