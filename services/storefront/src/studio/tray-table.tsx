import { changeTray, pinProducts, type TrayItem } from '../api/tray.ts'
import type { Broadcast, Product } from '../api/model.ts'
import { formatCount, formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { readText } from '../ui/form-values.ts'
import { Icon } from '../ui/icon.tsx'
import { useAction } from '../ui/use-action.ts'
import { useWish } from '../ui/use-wish.ts'
import type { LiveState } from '../watch/live-state.ts'
import { trayText } from './tray-texts.ts'
import { moved, withHidden, withPin } from './tray.ts'

/** The products of the show that is on: what is left, and buttons to pin, move and hide each; another one is added below. */
export function TrayTable({
  broadcast,
  live,
  offered,
  onChanged,
}: {
  /** As its seller reads it: with what is hidden. */
  broadcast: Broadcast
  live: LiveState
  offered: readonly Product[]
  /** Takes the broadcast as a press made it: the next press is made of that. */
  onChanged: (changed: Broadcast) => void
}) {
  const { id, products, hiddenProducts } = broadcast
  const rows = [...products, ...hiddenProducts]
  const items = rows.map(({ id: productId }) => ({
    productId,
    hidden: hiddenProducts.some((hidden) => hidden.id === productId),
  }))
  const pin = useWish(live.pinnedProductIds, (productIds: string[]) => pinProducts(id, productIds))
  const pinned = pin.wished ?? live.pinnedProductIds // the event of a press may come after the next press
  const tray = useAction(async (next: TrayItem[]) => onChanged(await changeTray(id, next)))
  const busy = pin.busy || tray.busy
  const more = offered.filter((product) => product.listed && !rows.some((row) => row.id === product.id))
  return (
    <div class="stack">
      <table class="stock-table">
        <thead>
          <tr>
            <th scope="col">{t('shop.products')}</th>
            <th scope="col">{t('studio.left')}</th>
            <th scope="col">
              <span class="visually-hidden">{trayText('change')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((product, index) => (
            <Row
              key={product.id}
              product={product}
              stock={live.stock.get(product.id)?.stock ?? product.stock}
              hidden={items[index]?.hidden ?? false}
              pinnedAs={pinned.indexOf(product.id)}
              busy={busy}
              onPin={() => pin.run(withPin(pinned, product.id))}
              onMove={(step) => tray.run(moved(items, product.id, step))}
              onHide={() => tray.run(withHidden(items, product.id))}
            />
          ))}
        </tbody>
      </table>
      <p class="muted small">{trayText('pins')}</p>
      {more.length > 0 && (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault()
            tray.run([...items, { productId: readText(event.currentTarget, 'product'), hidden: false }])
          }}
        >
          <select name="product" class="grow" aria-label={trayText('add')} data-testid={testIds.trayAdd}>
            {more.map((product) => (
              <option key={product.id} value={product.id}>
                {product.name}
              </option>
            ))}
          </select>
          <button type="submit" class="button button-small" disabled={busy} data-testid={testIds.trayAddSend}>
            {trayText('addSend')}
          </button>
        </form>
      )}
      <ErrorNote error={pin.error ?? tray.error} />
    </div>
  )
}

function Row({
  product,
  stock,
  hidden,
  pinnedAs,
  busy,
  onPin,
  onMove,
  onHide,
}: {
  product: Product
  stock: number
  hidden: boolean
  /** Its place among the pins; -1: it is none. */
  pinnedAs: number
  busy: boolean
  onPin: () => void
  onMove: (step: -1 | 1) => void
  onHide: () => void
}) {
  const { id, name } = product
  const pinned = pinnedAs >= 0
  return (
    <tr>
      <th scope="row">
        {name} <span class="muted">{formatMoney(product.price, locale.value)}</span>
        {hidden && <span class="tag"> {trayText('hidden')}</span>}
      </th>
      <td data-testid={testIds.stock(id)} data-stock={stock}>
        {formatCount(stock, locale.value)}
      </td>
      <td>
        <div class="tray-deeds">
          <button
            type="button"
            class={`button button-small ${pinned ? 'button-primary' : 'button-quiet'}`}
            aria-pressed={pinned}
            aria-label={`${pinned ? `#${pinnedAs + 1} ${t('studio.pinned')}` : t('studio.pin')}: ${name}`}
            disabled={busy || hidden}
            data-testid={testIds.pin(id)}
            onClick={onPin}
          >
            <Icon name="pin" /> {pinned && `#${pinnedAs + 1}`}
          </button>
          {([-1, 1] as const).map((step) => (
            <button
              key={step}
              type="button"
              class="icon-button"
              aria-label={trayText(step === -1 ? 'up' : 'down', { name })}
              disabled={busy || hidden}
              data-testid={step === -1 ? testIds.trayUp(id) : testIds.trayDown(id)}
              onClick={() => onMove(step)}
            >
              <Icon name={step === -1 ? 'up' : 'down'} />
            </button>
          ))}
          <button
            type="button"
            class="icon-button"
            aria-pressed={hidden}
            aria-label={trayText('hide', { name })}
            disabled={busy}
            data-testid={testIds.trayHide(id)}
            onClick={onHide}
          >
            <Icon name="eye" />
          </button>
        </div>
      </td>
    </tr>
  )
}
