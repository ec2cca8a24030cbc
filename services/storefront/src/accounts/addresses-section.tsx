import { useState } from 'preact/hooks'
import { addAddress, changeAddress, listAddresses, removeAddress } from '../api/fulfilment.ts'
import type { BookAddress } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { AddressForm } from '../shop/address-form.tsx'
import { AddressLines } from '../shop/address-lines.tsx'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { addressText } from '../shop/address-texts.ts'

/** The account's address book. */
export function AddressesSection() {
  const book = useResource((signal) => listAddresses(signal))
  const [editing, setEditing] = useState<BookAddress | 'new'>()
  const act = useAction(async (deed: () => Promise<unknown>) => {
    await deed()
    book.reload()
  })
  const saved = () => {
    setEditing(undefined)
    book.reload()
  }
  return (
    <section class="panel stack" aria-labelledby="addresses-title" data-testid={testIds.addressBook}>
      <h2 id="addresses-title">{addressText('address.book')}</h2>
      <ErrorNote error={book.error ?? act.error} />
      {book.value?.length === 0 && <p class="muted">{addressText('address.none')}</p>}
      <ul class="stack">
        {book.value?.map((address) => (
          <li key={address.id} class="row row-apart row-wrap">
            <div>
              {address.isDefault && <span class="badge">{addressText('address.default')}</span>}
              <AddressLines address={address} />
            </div>
            <div class="row row-wrap">
              {!address.isDefault && (
                <button
                  type="button"
                  class="button button-quiet"
                  disabled={act.busy}
                  onClick={() => act.run(() => changeAddress(address.id, { ...withoutId(address), isDefault: true }))}
                >
                  {addressText('address.makeDefault')}
                </button>
              )}
              <button type="button" class="button button-quiet" onClick={() => setEditing(address)}>
                {t('common.edit')}
              </button>
              <button
                type="button"
                class="button button-quiet"
                disabled={act.busy}
                onClick={() => act.run(() => removeAddress(address.id))}
              >
                {addressText('address.remove')}
              </button>
            </div>
          </li>
        ))}
      </ul>
      {editing === undefined ? (
        <button type="button" class="button" data-testid={testIds.addressAdd} onClick={() => setEditing('new')}>
          {addressText('address.add')}
        </button>
      ) : (
        <AddressForm
          key={editing === 'new' ? 'new' : editing.id}
          address={editing === 'new' ? undefined : editing}
          saveLabel={t('common.save')}
          onCancel={() => setEditing(undefined)}
          onSave={async (address) => {
            if (editing === 'new') await addAddress({ ...address, isDefault: false })
            else await changeAddress(editing.id, { ...address, isDefault: editing.isDefault })
            saved()
          }}
        />
      )}
    </section>
  )
}

function withoutId(known: BookAddress) {
  const { id: _, isDefault: _default, ...address } = known
  return address
}
