import { useState } from 'preact/hooks'
import { testIds } from '../testing/test-ids.ts'
import { t } from '../i18n/translate.ts'

/** A button for what cannot be undone: it asks once more, with the consequence, before it acts. */
export function ConfirmButton({
  label,
  warning,
  onConfirm,
  busy,
  testId,
}: {
  label: string
  warning: string
  onConfirm: () => void
  busy: boolean
  testId: string
}) {
  const [asking, setAsking] = useState(false)
  if (!asking) {
    return (
      <button
        type="button"
        class="button button-danger"
        data-testid={testId}
        disabled={busy}
        onClick={() => setAsking(true)}
      >
        {label}
      </button>
    )
  }
  const confirm = () => {
    setAsking(false)
    onConfirm()
  }
  return (
    <div class="confirm" role="group" aria-label={label}>
      <p role="alert">{warning}</p>
      <div class="row">
        <button type="button" class="button button-danger" data-testid={testIds.confirm} onClick={confirm}>
          {t('common.confirm')}
        </button>
        <button type="button" class="button button-quiet" onClick={() => setAsking(false)}>
          {t('common.cancel')}
        </button>
      </div>
    </div>
  )
}
