import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { listAddresses, listFulfilments, setOrderAddress } from '../api/fulfilment.ts'
import type { Address, BookAddress, Order } from '../api/model.ts'
import { ApiProblem } from '../api/problem.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useResource } from '../ui/use-resource.ts'
import { AddressLines } from './address-lines.tsx'
import { ChooseAddress } from './choose-address.tsx'
import { addressText } from './address-texts.ts'
import { SumRows } from './sum-rows.tsx'

/**
 * Asks where a reserved order goes before it is paid; `children`, which pay it, come when that is known. Who has a default
 * address sees it there and only pays. Where it goes may change what it costs: `onMoved` has the order read again, before
 * anything pays it. Goods that are not sent, and a service that knows no addresses yet, ask for none.
 */
export function DeliverTo({
  order,
  onMoved,
  children,
}: {
  order: Order
  onMoved: () => Promise<void>
  children: ComponentChildren
}) {
  const orderId = order.id
  const [choosing, setChoosing] = useState(false)
  const { value, error, reload } = useResource((signal) => read(orderId, onMoved, signal), { key: orderId })
  if (value === undefined) {
    if (error === undefined) return <p class="muted">{t('common.loading')}</p>
    return (
      <div class="stack">
        <ErrorNote error={error} testId={testIds.checkoutError} />
        <button type="button" class="button" onClick={reload}>
          {t('common.retry')}
        </button>
      </div>
    )
  }
  if (value === 'needless') return <>{children}</>
  const { address, book } = value
  if (address === null || choosing) {
    return (
      <ChooseAddress
        orderId={orderId}
        book={book}
        onCancel={address === null ? undefined : () => setChoosing(false)}
        onChosen={async () => {
          await onMoved()
          setChoosing(false)
          reload()
        }}
      />
    )
  }
  return (
    <div class="stack">
      <div class="deliver-to row row-apart row-wrap">
        <AddressLines address={address} testId={testIds.deliverTo} />
        <button
          type="button"
          class="link-button"
          data-testid={testIds.deliverElsewhere}
          onClick={() => setChoosing(true)}
        >
          {addressText('address.other')}
        </button>
      </div>
      <SumRows sum={order} />
      {children}
    </div>
  )
}

type Known = 'needless' | { address: Address | null; book: readonly BookAddress[] }

async function read(orderId: string, onMoved: () => Promise<void>, signal: AbortSignal): Promise<Known> {
  try {
    const [[fulfilment], book] = await Promise.all([listFulfilments([orderId], signal), listAddresses(signal)])
    if (fulfilment === undefined || !fulfilment.requiresShipping) return 'needless'
    const usual = book.find(({ isDefault }) => isDefault)
    if (fulfilment.address !== null || usual === undefined) return { address: fulfilment.address, book }
    // shown above the button that pays: that press confirms it
    const { address } = await setOrderAddress(orderId, { addressId: usual.id })
    await onMoved()
    return { address, book }
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return 'needless' // a service of the version before
    throw error
  }
}
