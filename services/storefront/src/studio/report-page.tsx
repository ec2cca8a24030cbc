import { Link } from 'wouter-preact'
import { AccountGate } from '../accounts/account-gate.tsx'
import { readBroadcast } from '../api/commerce.ts'
import { readChatFile, readReport, type ShowReport } from '../api/report.ts'
import { account } from '../api/session.ts'
import { formatCount, formatMoney, formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { chartOf } from './report-chart.ts'
import { reportText } from './report-texts.ts'
import { saveFile } from './save-file.ts'
import '../styles/studio.css' // oxlint-disable-line import/no-unassigned-import -- styles have no names

/** `/studio/report/:id`: what became of a show. */
export function ReportPage({ id }: { id: string }) {
  useTitle(reportText('title'))
  return (
    <div class="page page-narrow">
      <AccountGate reason={t('account.needed')}>
        <Report key={account.value?.id} id={id} />
      </AccountGate>
    </div>
  )
}

function Report({ id }: { id: string }) {
  const report = useResource(() => readReport(id))
  const broadcast = useResource((signal) => readBroadcast(id, signal))
  const save = useAction(async () => saveFile(`chat-${id}.csv`, await readChatFile(id)))
  return (
    <>
      <header class="hero">
        <h1>{reportText('of', { title: broadcast.value?.title ?? '' })}</h1>
        <Link href="/studio">{t('studio.title')}</Link>
      </header>
      <div class="stack">
        <ErrorNote error={report.error ?? save.error} />
        {report.value && <Figures report={report.value} />}
        {report.value && report.value.minutes.length > 0 && <Minutes minutes={report.value.minutes} />}
        {report.value && <Products products={report.value.products} />}
        <section class="panel stack">
          <button
            type="button"
            class="button"
            disabled={save.busy}
            data-testid={testIds.chatFile}
            onClick={() => save.run()}
          >
            {reportText('chat')}
          </button>
          <p class="muted small">{reportText('chatHint')}</p>
        </section>
      </div>
    </>
  )
}

const count = (value: number) => formatCount(value, locale.value)
const money = (amounts: ShowReport['sales']) =>
  amounts.length === 0 ? '–' : amounts.map((one) => formatMoney(one, locale.value)).join(' · ')

function Figures({ report }: { report: ShowReport }) {
  const { sales, refunded, shipping, discounts, orders, buyers, peakViewers, conversion, hearts } = report
  const rate = new Intl.NumberFormat(locale.value, { style: 'percent', maximumFractionDigits: 1 })
  const figures: [string, string][] = [
    [reportText('sales'), money(sales)],
    [reportText('orders'), count(orders)],
    [reportText('buyers'), count(buyers)],
    [reportText('peak'), count(peakViewers)],
    [reportText('conversion'), conversion === null ? '–' : rate.format(conversion)],
    [reportText('hearts'), count(hearts)],
    ...(discounts.length > 0 ? [[reportText('discounts'), money(discounts)] as [string, string]] : []),
    ...(shipping.length > 0 ? [[reportText('shipping'), money(shipping)] as [string, string]] : []),
    ...(refunded.length > 0 ? [[reportText('refunded'), money(refunded)] as [string, string]] : []),
  ]
  return (
    <section class="panel stack" data-testid={testIds.showReport}>
      <dl class="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt class="muted small">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p class="muted small">{reportText('conversionHint')}</p>
    </section>
  )
}

function Minutes({ minutes }: { minutes: ShowReport['minutes'] }) {
  const { line, bars } = chartOf(minutes)
  return (
    <section class="panel stack" aria-labelledby="minutes-title">
      <h2 id="minutes-title">{reportText('minutes')}</h2>
      <svg
        class="report-chart"
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        role="img"
        aria-label={reportText('chart')}
      >
        {bars.map(({ x, width, height }) => (
          <rect key={x} x={x} y={100 - height} width={width} height={height} class="report-bar" />
        ))}
        <polyline points={line} class="report-line" />
      </svg>
      <p class="muted small" aria-hidden="true">
        {reportText('chart')}
      </p>
      <details>
        <summary>{reportText('table')}</summary>
        <table class="stock-table">
          <thead>
            <tr>
              {(['minute', 'viewers', 'orders', 'sales'] as const).map((name) => (
                <th key={name} scope="col">
                  {reportText(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {minutes.map(({ at, viewers, orders, sales }) => (
              <tr key={at}>
                <th scope="row">{formatTime(at, locale.value)}</th>
                <td>{viewers === null ? '–' : count(viewers)}</td>
                <td>{count(orders)}</td>
                <td>{money(sales)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  )
}

function Products({ products }: { products: ShowReport['products'] }) {
  return (
    <section class="panel stack" aria-labelledby="sold-title">
      <h2 id="sold-title">{reportText('products')}</h2>
      {products.length === 0 ? (
        <p class="muted">{reportText('none')}</p>
      ) : (
        <table class="stock-table">
          <thead>
            <tr>
              {(['product', 'units', 'sales'] as const).map((name) => (
                <th key={name} scope="col">
                  {reportText(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {products.map(({ productId, name, units, sales }) => (
              <tr key={productId + sales.currency}>
                <th scope="row">{name}</th>
                <td>{count(units)}</td>
                <td>{formatMoney(sales, locale.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
