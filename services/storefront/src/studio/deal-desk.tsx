import { useId } from 'preact/hooks'
import { endDeal, listDeals, startDeal } from '../api/deals.ts'
import type { Broadcast, Deal, Product } from '../api/model.ts'
import { formatClock, formatMoney } from '../i18n/format.ts'
import { locale } from '../i18n/translate.ts'
import { dealText } from '../shop/deal-texts.ts'
import { useSecondsLeft } from '../shop/countdown.tsx'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import type { LiveState } from '../watch/live-state.ts'

const lengths = [30, 60, 180, 300, 600, 1_800] // seconds
const numbers = ['off', 'units', 'perBuyer'] as const

/** Timed deals of the show that is on: one is started, what was sold in it counts up, and it is ended before its time. */
export function DealDesk({ broadcast, live }: { broadcast: Broadcast; live: LiveState }) {
  const { id, products } = broadcast
  const heard = [...live.deals.values()]
  // read anew when one starts or ends, by whatever window
  const key = heard.map((deal) => `${deal.id} ${deal.endsAt}`).join()
  const deals = useResource(() => listDeals(id), { key })
  const newest = (deal: Deal) => heard.find((one) => one.id === deal.id && one.revision > deal.revision) ?? deal
  const nameOf = (productId: string) => products.find((product) => product.id === productId)?.name ?? ''
  return (
    <section class="stack deal-desk" aria-labelledby="deals-title">
      <h3 id="deals-title">{dealText('desk.title')}</h3>
      <p class="muted small">{dealText('desk.why')}</p>
      {products.length > 0 && <DealForm broadcastId={id} products={products} onStarted={deals.reload} />}
      <ErrorNote error={deals.error} />
      <ul class="stack">
        {deals.value?.map(newest).map((deal) => (
          <DealRow key={deal.id} deal={deal} name={nameOf(deal.productId)} onEnded={deals.reload} />
        ))}
      </ul>
    </section>
  )
}

function DealRow({ deal, name, onEnded }: { deal: Deal; name: string; onEnded: () => void }) {
  const { id, off, units, remaining } = deal
  const seconds = useSecondsLeft(deal.endsAt)
  const end = useAction(async () => {
    await endDeal(id)
    onEnded()
  })
  const sold = units - remaining
  return (
    <li class="row row-apart row-wrap" data-testid={testIds.dealRow(id)} data-sold={sold} data-running={seconds > 0}>
      <span>
        <b>{name}</b> −{formatMoney(off, locale.value)} <span>{dealText('desk.sold', { sold, units })}</span>
      </span>
      {seconds > 0 ? (
        <span class="row">
          <span>{formatClock(seconds)}</span>
          <button
            type="button"
            class="button button-small"
            aria-label={`${dealText('desk.end')}: ${name}`}
            disabled={end.busy}
            data-testid={testIds.dealEnd(id)}
            onClick={() => end.run()}
          >
            {dealText('desk.end')}
          </button>
        </span>
      ) : (
        <span class="muted small">{dealText('desk.over')}</span>
      )}
      <ErrorNote error={end.error} />
    </li>
  )
}

function DealForm({
  broadcastId,
  products,
  onStarted,
}: {
  broadcastId: string
  products: readonly Product[]
  onStarted: () => void
}) {
  const id = useId()
  const start = useAction(async (form: HTMLFormElement) => {
    const product = products.find((each) => each.id === readText(form, 'product'))
    if (product === undefined) return // it was taken off the tray meanwhile
    const number = (name: string) => Number(readText(form, name))
    await startDeal(broadcastId, {
      productId: product.id,
      off: { ...product.price, amount: number('off') },
      units: number('units'),
      unitsPerBuyer: number('perBuyer') || null,
      seconds: number('seconds'),
    })
    onStarted()
  })
  return (
    <form
      class="stack"
      data-testid={testIds.dealForm}
      onSubmit={(event) => {
        event.preventDefault()
        start.run(event.currentTarget)
      }}
    >
      <div class="field">
        <label for={`${id}-product`}>{dealText('desk.product')}</label>
        <select id={`${id}-product`} name="product" data-testid={testIds.dealField('product')}>
          {products.map((product) => (
            <option key={product.id} value={product.id}>
              {product.name} {formatMoney(product.price, locale.value)}
            </option>
          ))}
        </select>
      </div>
      {numbers.map((name) => (
        <Field
          key={name}
          label={dealText(`desk.${name}`)}
          name={name}
          inputMode="numeric"
          pattern="[1-9][0-9]{0,8}"
          maxLength={9}
          required={name !== 'perBuyer'}
          testId={testIds.dealField(name)}
        />
      ))}
      <div class="field">
        <label for={`${id}-seconds`}>{dealText('desk.time')}</label>
        <select id={`${id}-seconds`} name="seconds" data-testid={testIds.dealField('seconds')}>
          {lengths.map((seconds) => (
            <option key={seconds} value={seconds} selected={seconds === 180}>
              {seconds < 60
                ? dealText('desk.seconds', { count: seconds })
                : dealText('desk.minutes', { count: seconds / 60 })}
            </option>
          ))}
        </select>
      </div>
      <ErrorNote error={start.error} testId={testIds.formError} />
      <button type="submit" class="button" disabled={start.busy} data-testid={testIds.dealStart}>
        {dealText('desk.start')}
      </button>
    </form>
  )
}
