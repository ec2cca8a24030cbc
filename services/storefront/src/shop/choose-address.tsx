import { addAddress, setOrderAddress } from '../api/fulfilment.ts'
import type { Address, BookAddress, Fulfilment } from '../api/model.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { AddressForm } from './address-form.tsx'
import { AddressLines } from './address-lines.tsx'
import { addressText } from './address-texts.ts'

/** Lets a buyer choose where an order goes: an address of the book, or a new one, which the book keeps. */
export function ChooseAddress({
  orderId,
  book,
  onChosen,
  onCancel,
}: {
  orderId: string
  book: readonly BookAddress[]
  onChosen: (fulfilment: Fulfilment) => Promise<void> | void
  onCancel?: () => void
}) {
  const choose = useAction(async (addressId: string) => await onChosen(await setOrderAddress(orderId, { addressId })))
  const save = async (address: Address) => {
    const changed = await setOrderAddress(orderId, address)
    // the order has it by now: a full book is no reason to ask again
    await addAddress({ ...address, isDefault: book.length === 0 }).catch(() => undefined)
    await onChosen(changed)
  }
  return (
    <div class="stack">
      <h3>{addressText('address.title')}</h3>
      {book.length > 0 && (
        <ul class="stack address-choice">
          {book.map((address) => (
            <li key={address.id}>
              <button
                type="button"
                class="button address-button"
                disabled={choose.busy}
                data-testid={testIds.chooseAddress(address.id)}
                onClick={() => choose.run(address.id)}
              >
                <AddressLines address={address} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <ErrorNote error={choose.error} />
      <AddressForm saveLabel={addressText('address.use')} onSave={save} onCancel={onCancel} />
    </div>
  )
}
