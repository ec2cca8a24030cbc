import { useEffect, useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { AccountGate } from '../accounts/account-gate.tsx'
import { listSales, readPackingFile } from '../api/sales.ts'
import type { Sale } from '../api/model.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { onFulfilmentNews } from '../shop/fulfilment-news.ts'
import { onOrderNews } from '../shop/order-news.ts'
import { holdOrderStream } from '../shop/order-stream.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { deskText } from './desk-texts.ts'
import { BulkShip } from './bulk-ship.tsx'
import { SaleRow } from './sale-row.tsx'
import { SalesFileForm } from './sales-file-form.tsx'
import { saveFile } from './save-file.ts'
import '../styles/studio.css' // oxlint-disable-line import/no-unassigned-import -- styles have no names

const refreshMs = 60_000 // what is told by the stream comes at once
const filters = ['all', 'PAID', 'PREPARING', 'SHIPPED', 'DELIVERED', 'late', 'claims'] as const
type Filter = (typeof filters)[number]

/** `/studio/orders`: what was sold, who gets it and where, and what comes back. */
export function OrdersDesk() {
  useTitle(t('desk.title'))
  return (
    <div class="page">
      <header class="hero">
        <h1>{t('desk.title')}</h1>
        <p>
          <Link href="/studio">{deskText('desk.back')}</Link>
        </p>
      </header>
      <AccountGate reason={t('account.needed')}>
        <Desk key={account.value?.id} />
      </AccountGate>
    </div>
  )
}

function Desk() {
  const [filter, setFilter] = useState<Filter>('all')
  const [text, setText] = useState('')
  const query = queryOf(filter, text)
  const first = useResource(() => listSales(query), { key: `${filter} ${text}`, everyMs: refreshMs })
  const [further, setFurther] = useState<{ items: readonly Sale[]; cursor: string | null }>()
  useEffect(() => setFurther(undefined), [filter, text])
  useEffect(() => {
    const stops = [holdOrderStream(), onFulfilmentNews(first.reload), onOrderNews(first.reload)]
    return () => stops.forEach((stop) => stop())
  }, [first.reload])
  const more = useAction(async (cursor: string) => {
    const page = await listSales({ ...query, cursor })
    setFurther((before) => ({ items: [...(before?.items ?? []), ...page.items], cursor: page.nextCursor }))
  })
  const newest = first.value?.items ?? []
  const known = new Set(newest.map(({ order }) => order.id))
  const sales = [...newest, ...(further?.items ?? []).filter(({ order }) => !known.has(order.id))]
  const next = further === undefined ? (first.value?.nextCursor ?? null) : further.cursor
  return (
    <div class="stack">
      <div class="row row-wrap" role="group" aria-label={deskText('desk.filter')}>
        {filters.map((each) => (
          <button
            key={each}
            type="button"
            class={`button button-small ${each === filter ? 'button-primary' : ''}`}
            aria-pressed={each === filter}
            data-testid={testIds.deskFilter(each)}
            onClick={() => setFilter(each)}
          >
            {each === 'all' || each === 'late' || each === 'claims' ? deskText(`desk.${each}`) : t(`way.${each}`)}
          </button>
        ))}
        <form
          class="row row-wrap"
          role="search"
          onSubmit={(event) => {
            event.preventDefault()
            setText(readText(event.currentTarget, 'q'))
          }}
        >
          <input
            type="search"
            name="q"
            maxLength={50}
            aria-label={deskText('desk.search')}
            placeholder={deskText('desk.search')}
            data-testid={testIds.deskSearch}
          />
        </form>
      </div>
      <Files />
      <BulkShip onShipped={first.reload} />
      <SalesFileForm />
      <ErrorNote error={first.error} />
      {first.value === undefined && first.error === undefined && <p class="muted">{t('common.loading')}</p>}
      {first.value !== undefined && sales.length === 0 && <p class="empty">{deskText('desk.none')}</p>}
      <ul class="order-list">
        {sales.map((sale) => (
          <SaleRow key={sale.order.id} sale={sale} onChanged={first.reload} />
        ))}
      </ul>
      <ErrorNote error={more.error} />
      {next !== null && (
        <button type="button" class="button" disabled={more.busy} onClick={() => more.run(next)}>
          {t('common.more')}
        </button>
      )}
    </div>
  )
}

function Files() {
  const save = useAction(async (kind: 'labels' | 'pack-list') => {
    saveFile(`${kind}.csv`, await readPackingFile(kind, 'PREPARING'))
  })
  return (
    <div class="row row-wrap">
      {(['labels', 'pack-list'] as const).map((kind) => (
        <button
          key={kind}
          type="button"
          class="button button-small"
          disabled={save.busy}
          data-testid={testIds.deskFile(kind)}
          onClick={() => save.run(kind)}
        >
          {deskText(`desk.${kind}`)}
        </button>
      ))}
      <span class="muted small">{deskText('desk.files')}</span>
      <ErrorNote error={save.error} />
    </div>
  )
}

function queryOf(filter: Filter, text: string): Parameters<typeof listSales>[0] {
  const q = text === '' ? undefined : text
  if (filter === 'all') return { q }
  if (filter === 'late') return { late: 'true', q }
  if (filter === 'claims') return { claims: 'open', q }
  return { state: filter, q }
}
