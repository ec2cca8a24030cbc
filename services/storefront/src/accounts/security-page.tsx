import { changePassword, deleteAccount, endOtherSessions, listSessions } from '../api/commerce.ts'
import { account, signOut } from '../api/session.ts'
import { formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readPassword } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { useState } from 'preact/hooks'
import { AddressesSection } from './addresses-section.tsx'
import { FollowsSection } from './follows-section.tsx'
import { ModeratingSection } from './moderating-section.tsx'
import { UnverifiedNote } from './unverified-note.tsx'
import { AccountGate } from './account-gate.tsx'

/** `/account`: addresses, the password, where the account is signed in, and its end. */
export function SecurityPage() {
  useTitle(t('account.title'))
  return (
    <div class="page page-narrow">
      <h1>{t('account.title')}</h1>
      <AccountGate reason={t('account.needed')}>
        <div class="stack" key={account.value?.id}>
          {account.value?.emailVerified === false && <UnverifiedNote />}
          <AddressesSection />
          <FollowsSection />
          <ModeratingSection />
          <PasswordForm />
          <Sessions />
          <DeletionForm />
        </div>
      </AccountGate>
    </div>
  )
}

function PasswordForm() {
  const [changed, setChanged] = useState(false)
  const { run, busy, error } = useAction(async (form: HTMLFormElement) => {
    setChanged(false)
    await changePassword({ currentPassword: readPassword(form), newPassword: readPassword(form, 'newPassword') })
    form.reset()
    setChanged(true)
  })
  return (
    <form
      class="panel stack"
      data-testid={testIds.passwordForm}
      onSubmit={(event) => {
        event.preventDefault()
        run(event.currentTarget)
      }}
    >
      <h2>{t('account.changePassword')}</h2>
      <Field
        label={t('account.currentPassword')}
        name="password"
        type="password"
        autocomplete="current-password"
        required
        testId={testIds.currentPassword}
      />
      <Field
        label={t('account.newPassword')}
        hint={t('account.passwordHint', { count: 8 })}
        name="newPassword"
        type="password"
        autocomplete="new-password"
        required
        testId={testIds.newPassword}
      />
      <ErrorNote error={error} testId={testIds.formError} />
      <p role="status">{changed ? t('account.passwordChanged') : ''}</p>
      <button class="button button-primary" type="submit" disabled={busy}>
        {busy ? t('common.loading') : t('account.changePassword')}
      </button>
    </form>
  )
}

function Sessions() {
  const sessions = useResource(() => listSessions())
  const end = useAction(async () => {
    await endOtherSessions()
    sessions.reload()
  })
  const items = sessions.value?.items ?? []
  return (
    <section class="panel stack">
      <h2>{t('account.sessions')}</h2>
      <ErrorNote error={sessions.error ?? end.error} />
      <ul data-testid={testIds.sessionList}>
        {items.map(({ id, createdAt, current }) => (
          <li key={id}>
            {t('account.session', { time: formatTime(createdAt, locale.value) })}
            {current && ` · ${t('account.thisSession')}`}
          </li>
        ))}
      </ul>
      <button type="button" class="button" disabled={end.busy || items.length < 2} onClick={() => end.run()}>
        {t('account.endOthers')}
      </button>
    </section>
  )
}

function DeletionForm() {
  const { run, busy, error } = useAction(async (form: HTMLFormElement) => {
    await deleteAccount(readPassword(form))
    await signOut().catch(() => undefined) // the session is over at the service already
  })
  return (
    <form
      class="panel stack"
      onSubmit={(event) => {
        event.preventDefault()
        run(event.currentTarget)
      }}
    >
      <h2>{t('account.delete')}</h2>
      <p>{t('account.deleteMeans')}</p>
      <Field
        label={t('account.currentPassword')}
        name="password"
        type="password"
        autocomplete="current-password"
        required
        testId={testIds.deletionPassword}
      />
      <ErrorNote error={error} />
      <button class="button" type="submit" disabled={busy}>
        {t('account.delete')}
      </button>
    </form>
  )
}
