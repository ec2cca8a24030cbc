import { useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { SignInForm } from './sign-in-form.tsx'
import { SignUpForm } from './sign-up-form.tsx'

/** Shows its children to a signed-in visitor, and both forms, in place, to anybody else: no page is left to sign in. */
export function AccountGate({
  children,
  reason,
  start = 'signIn',
}: {
  children: ComponentChildren
  reason?: string
  start?: 'signIn' | 'signUp'
}) {
  const [form, setForm] = useState(start)
  if (account.value === undefined) return <p class="muted">{t('common.loading')}</p>
  if (account.value !== null) return <>{children}</>
  const signingIn = form === 'signIn'
  return (
    <div class="stack account-gate">
      {reason && <p>{reason}</p>}
      {signingIn ? <SignInForm /> : <SignUpForm />}
      <p class="muted">
        {signingIn ? t('account.noAccount') : t('account.haveAccount')}{' '}
        <button type="button" class="link-button" onClick={() => setForm(signingIn ? 'signUp' : 'signIn')}>
          {signingIn ? t('nav.signUp') : t('nav.signIn')}
        </button>
      </p>
    </div>
  )
}
