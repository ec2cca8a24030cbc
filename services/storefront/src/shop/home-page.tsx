import { Link } from 'wouter-preact'
import { listBroadcasts } from '../api/commerce.ts'
import type { Broadcast } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { BroadcastCard } from './broadcast-card.tsx'

const refreshMs = 10_000
const mostReplays = 12

interface Lists {
  live: Broadcast[]
  upcoming: Broadcast[]
}

async function readLists(signal: AbortSignal): Promise<Lists> {
  const [live, open, scheduled] = await Promise.all([
    listBroadcasts('live', signal),
    listBroadcasts('open', signal),
    listBroadcasts('scheduled', signal),
  ])
  const byTime = (one: Broadcast, other: Broadcast) => startOf(one) - startOf(other)
  return { live, upcoming: [...open, ...scheduled.toSorted(byTime)] }
}

async function readReplays(signal: AbortSignal): Promise<Broadcast[]> {
  const ended = await listBroadcasts('ended', signal)
  return ended.filter(({ recordingUrl }) => recordingUrl !== null).slice(0, mostReplays)
}

const startOf = (broadcast: Broadcast) => Date.parse(broadcast.scheduledAt ?? broadcast.createdAt)

/** `/`: who is live, with a picture of now, who will be, and what can be watched again. */
export function HomePage() {
  useTitle('')
  const { value, error, reload } = useResource(readLists, { everyMs: refreshMs })
  const replays = useResource(readReplays)
  return (
    <div class="page">
      <header class="hero">
        <h1>{t('list.live')}</h1>
        <p class="muted">
          {t('site.tagline')} <Link href="/search">{t('nav.search')}</Link>
        </p>
      </header>
      {error !== undefined && (
        <p class="error-note" role="alert">
          {value === undefined ? t('error.no_answer') : t('list.fresh')}{' '}
          <button type="button" class="link-button" onClick={reload}>
            {t('common.retry')}
          </button>
        </p>
      )}
      {value === undefined && error === undefined && <Skeleton />}
      {value !== undefined && <Grid broadcasts={value.live} heading="h2" />}
      {value?.live.length === 0 && (
        <div class="empty">
          <p>{t('list.none')}</p>
          <p class="muted">{t('list.noneHint')}</p>
        </div>
      )}
      <Section id="upcoming" title={t('list.upcoming')} broadcasts={value?.upcoming ?? []} />
      <Section id="replays" title={t('list.replays')} broadcasts={replays.value ?? []} />
    </div>
  )
}

function Section({ id, title, broadcasts }: { id: string; title: string; broadcasts: readonly Broadcast[] }) {
  if (broadcasts.length === 0) return null
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <Grid broadcasts={broadcasts} heading="h3" />
    </section>
  )
}

// `heading`: one level below what stands above the grid
function Grid({ broadcasts, heading }: { broadcasts: readonly Broadcast[]; heading: 'h2' | 'h3' }) {
  return (
    <ul class="grid">
      {broadcasts.map((broadcast) => (
        <BroadcastCard key={broadcast.id} broadcast={broadcast} heading={heading} />
      ))}
    </ul>
  )
}

// Keeps the place of the first row, so that nothing jumps when the list arrives.
function Skeleton() {
  return (
    <div class="grid" aria-busy="true" aria-label={t('common.loading')}>
      {[1, 2, 3].map((each) => (
        <div key={each} class="card skeleton" />
      ))}
    </div>
  )
}
