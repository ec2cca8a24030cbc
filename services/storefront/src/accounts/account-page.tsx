import { useEffect } from 'preact/hooks'
import { useLocation, useSearch } from 'wouter-preact'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { useTitle } from '../ui/use-title.ts'
import { AccountGate } from './account-gate.tsx'
import { newStreamKey } from './new-stream-key.ts'

/** `/sign-in` and `/sign-up`: afterwards to `?next=`, or to the studio when a key waits there to be seen, or home. */
export function AccountPage({ start }: { start: 'signIn' | 'signUp' }) {
  const title = start === 'signIn' ? t('account.signInTitle') : t('account.signUpTitle')
  useTitle(title)
  const [, navigate] = useLocation()
  const next = safePath(new URLSearchParams(useSearch()).get('next'))
  const signedIn = account.value !== null && account.value !== undefined
  useEffect(() => {
    if (signedIn) navigate(next ?? (newStreamKey.value === undefined ? '/' : '/studio'), { replace: true })
  }, [signedIn, next])
  return (
    <section class="panel narrow">
      <h1>{title}</h1>
      <AccountGate start={start}>{null}</AccountGate>
    </section>
  )
}

/** A path on this site; anything that could lead elsewhere (`//host`, `https:`) is refused. */
const safePath = (path: string | null) => (path !== null && /^\/(?![/\\])/.test(path) ? path : undefined)
