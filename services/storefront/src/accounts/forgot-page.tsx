import { useState } from 'preact/hooks'
import { requestPasswordReset } from '../api/commerce.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useTitle } from '../ui/use-title.ts'

/** `/account/forgot`: has a link sent. What it says is the same whether there is such an account. */
export function ForgotPage() {
  useTitle(t('account.forgot'))
  const [sent, setSent] = useState(false)
  const { run, busy, error } = useAction(async (form: HTMLFormElement) => {
    setSent(false)
    await requestPasswordReset(readText(form, 'email'))
    setSent(true)
  })
  return (
    <section class="panel narrow">
      <h1>{t('account.forgot')}</h1>
      <form
        class="stack"
        data-testid={testIds.forgotForm}
        onSubmit={(event) => {
          event.preventDefault()
          run(event.currentTarget)
        }}
      >
        <p>{t('account.forgotIntro')}</p>
        <Field
          label={t('account.email')}
          name="email"
          type="email"
          autocomplete="username"
          required
          testId={testIds.email}
        />
        <ErrorNote error={error} testId={testIds.formError} />
        <p role="status" data-testid={testIds.mailNote} data-state={sent ? 'sent' : ''}>
          {sent ? t('account.linkSent') : ''}
        </p>
        <button class="button button-primary" type="submit" disabled={busy} data-testid={testIds.submit}>
          {busy ? t('common.loading') : t('account.sendLink')}
        </button>
      </form>
    </section>
  )
}
