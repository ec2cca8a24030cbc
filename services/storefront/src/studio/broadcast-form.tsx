import { useState } from 'preact/hooks'
import { createBroadcast, uploadImage } from '../api/commerce.ts'
import type { Product } from '../api/model.ts'
import { explain, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readChosen, readFile, readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { imageTypes } from './image-types.ts'
import { rehearsalText } from './rehearsal.tsx'

/** Creates a broadcast with its products and picture; it opens at once unless a start is given. */
export function BroadcastForm({ products, onSaved }: { products: readonly Product[]; onSaved: () => void }) {
  const [note, setNote] = useState('')
  const { run, busy, error } = useAction(async (form: HTMLFormElement) => {
    setNote('')
    const start = readText(form, 'scheduledAt')
    const broadcast = await createBroadcast({
      title: readText(form, 'title'),
      productIds: readChosen(form, 'productIds'),
      recording: readChosen(form, 'recording').length > 0,
      listed: readChosen(form, 'rehearsal').length === 0,
      ...(start !== '' && { scheduledAt: new Date(start).toISOString() }), // typed in local time
    })
    const image = readFile(form, 'image')
    try {
      if (image) await uploadImage('broadcasts', broadcast.id, image)
      setNote(t('studio.saved'))
    } catch (refusal) {
      setNote(t('studio.imageFailed', { reason: explain(refusal) })) // the broadcast itself is there
    }
    form.reset()
    onSaved()
  })
  return (
    <form
      class="stack form"
      data-testid={testIds.broadcastForm}
      onSubmit={(event) => {
        event.preventDefault()
        run(event.currentTarget)
      }}
    >
      <Field label={t('studio.broadcastTitle')} name="title" maxLength={100} required testId={testIds.broadcastTitle} />
      <fieldset>
        <legend>{t('studio.broadcastProducts')}</legend>
        {products.length === 0 && <p class="muted">{t('studio.productsNone')}</p>}
        {products.map((product) => (
          <label key={product.id} class="check">
            <input
              type="checkbox"
              name="productIds"
              value={product.id}
              defaultChecked
              data-testid={testIds.broadcastProduct(product.id)}
            />
            {product.name}
          </label>
        ))}
      </fieldset>
      <label class="check">
        <input type="checkbox" name="recording" data-testid={testIds.broadcastRecording} />
        {t('studio.recording')}
      </label>
      <label class="check">
        <input type="checkbox" name="rehearsal" data-testid={testIds.broadcastRehearsal} />
        {rehearsalText('make')}
      </label>
      <Field label={t('studio.schedule')} name="scheduledAt" type="datetime-local" testId={testIds.broadcastSchedule} />
      <Field label={t('studio.image')} name="image" type="file" accept={imageTypes} testId={testIds.broadcastImage} />
      <ErrorNote error={error} testId={testIds.formError} />
      <p role="status" class="muted">
        {note}
      </p>
      <button type="submit" class="button button-primary" disabled={busy}>
        {busy ? t('common.loading') : t('studio.broadcastCreate')}
      </button>
    </form>
  )
}
