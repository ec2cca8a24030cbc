import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { resetPassword } from '../api/commerce.ts'
import { ApiProblem } from '../api/problem.ts'
import { signOut } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readPassword } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useTitle } from '../ui/use-title.ts'
import { takeLinkToken } from './link-token.ts'

/** `/account/reset#TOKEN`: a new password by a mail's link. */
export function ResetPage() {
  useTitle(t('account.resetTitle'))
  const [token] = useState(takeLinkToken)
  const [done, setDone] = useState(false)
  const { run, busy, error } = useAction(async (form: HTMLFormElement) => {
    await resetPassword({ token, newPassword: readPassword(form, 'newPassword') })
    setDone(true)
    await signOut().catch(() => undefined) // whoever was signed in here: that session is over, if it was this account's
  })
  const ended = token === '' || (error instanceof ApiProblem && error.code === 'link_ended')
  return (
    <section class="panel narrow stack">
      <h1>{t('account.resetTitle')}</h1>
      {done && (
        <>
          <p role="status" data-testid={testIds.mailNote} data-state="done">
            {t('account.resetDone')}
          </p>
          <Link href="/sign-in" class="button button-primary">
            {t('nav.signIn')}
          </Link>
        </>
      )}
      {!done && ended && (
        <>
          <p role="alert" data-testid={testIds.mailNote} data-state="ended">
            {t('account.linkEnded')}
          </p>
          <Link href="/account/forgot" class="button">
            {t('account.newLink')}
          </Link>
        </>
      )}
      {!done && !ended && (
        <form
          class="stack"
          data-testid={testIds.resetForm}
          onSubmit={(event) => {
            event.preventDefault()
            run(event.currentTarget)
          }}
        >
          <Field
            label={t('account.newPassword')}
            hint={t('account.passwordHint', { count: 8 })}
            name="newPassword"
            type="password"
            autocomplete="new-password"
            minLength={8}
            maxLength={128}
            required
            testId={testIds.newPassword}
          />
          <ErrorNote error={error} testId={testIds.formError} />
          <button class="button button-primary" type="submit" disabled={busy} data-testid={testIds.submit}>
            {busy ? t('common.loading') : t('account.resetTitle')}
          </button>
        </form>
      )}
    </section>
  )
}
