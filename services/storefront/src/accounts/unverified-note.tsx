import { useState } from 'preact/hooks'
import { sendVerificationMail } from '../api/commerce.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'

/** Says that nobody has shown to read the account's address, and sends the mail again. */
export function UnverifiedNote() {
  const [sent, setSent] = useState(false)
  const { run, busy, error } = useAction(async () => {
    await sendVerificationMail()
    setSent(true)
  })
  return (
    <section class="panel stack">
      <p>{t('account.unverified', { email: account.value?.email ?? '' })}</p>
      <ErrorNote error={error} />
      <p role="status" data-testid={testIds.mailNote} data-state={sent ? 'sent' : ''}>
        {sent ? t('account.sentAgain') : ''}
      </p>
      <button
        type="button"
        class="button"
        disabled={busy || sent}
        data-testid={testIds.sendVerification}
        onClick={() => run()}
      >
        {t('account.sendAgain')}
      </button>
    </section>
  )
}
