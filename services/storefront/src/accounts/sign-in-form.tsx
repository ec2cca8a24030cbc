import { Link } from 'wouter-preact'
import { signIn } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readPassword, readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'

/** Signs in; the account signal tells the rest of the page. */
export function SignInForm() {
  const { run, busy, error } = useAction(async (form: HTMLFormElement) => {
    await signIn({ email: readText(form, 'email'), password: readPassword(form) })
  })
  return (
    <form
      class="stack"
      data-testid={testIds.signInForm}
      onSubmit={(event) => {
        event.preventDefault()
        run(event.currentTarget)
      }}
    >
      <Field
        label={t('account.email')}
        name="email"
        type="email"
        autocomplete="username"
        required
        testId={testIds.email}
      />
      <Field
        label={t('account.password')}
        name="password"
        type="password"
        autocomplete="current-password"
        required
        testId={testIds.password}
      />
      <ErrorNote error={error} testId={testIds.formError} />
      <button class="button button-primary" type="submit" disabled={busy} data-testid={testIds.submit}>
        {busy ? t('common.loading') : t('nav.signIn')}
      </button>
      <Link href="/account/forgot" class="muted" data-testid={testIds.forgotPassword}>
        {t('account.forgot')}
      </Link>
    </form>
  )
}
