import { signUp } from '../api/commerce.ts'
import { signIn } from '../api/session.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readPassword, readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { keepStreamKey } from './new-stream-key.ts'

const shortestPassword = 8

/** Opens an account and signs in; the stream key of the answer is kept for the studio to show once. */
export function SignUpForm() {
  const { run, busy, error } = useAction(async (form: HTMLFormElement) => {
    const credentials = { email: readText(form, 'email'), password: readPassword(form) }
    const account = await signUp({ ...credentials, displayName: readText(form, 'displayName'), locale: locale.value })
    keepStreamKey(account.id, account.streamKey)
    await signIn(credentials)
  })
  return (
    <form
      class="stack"
      data-testid={testIds.signUpForm}
      onSubmit={(event) => {
        event.preventDefault()
        run(event.currentTarget)
      }}
    >
      <Field
        label={t('account.displayName')}
        name="displayName"
        autocomplete="nickname"
        maxLength={50}
        required
        testId={testIds.displayName}
      />
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
        hint={t('account.passwordHint', { count: shortestPassword })}
        name="password"
        type="password"
        autocomplete="new-password"
        minLength={shortestPassword}
        maxLength={128}
        required
        testId={testIds.password}
      />
      <ErrorNote error={error} testId={testIds.formError} />
      <button class="button button-primary" type="submit" disabled={busy} data-testid={testIds.submit}>
        {busy ? t('common.loading') : t('nav.signUp')}
      </button>
    </form>
  )
}
