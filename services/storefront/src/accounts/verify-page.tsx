import { useEffect, useState } from 'preact/hooks'
import { verifyEmail } from '../api/commerce.ts'
import { account } from '../api/session.ts'
import { ApiProblem } from '../api/problem.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { useTitle } from '../ui/use-title.ts'
import { takeLinkToken } from './link-token.ts'

/** `/account/verify#TOKEN`: shows that somebody reads the address. Programs that look links up run no script: they use none. */
export function VerifyPage() {
  useTitle(t('account.verifyTitle'))
  const [token] = useState(takeLinkToken)
  const [done, setDone] = useState(false)
  const { run, error } = useAction(async () => {
    await verifyEmail(token)
    setDone(true)
    if (account.value) account.value = { ...account.value, emailVerified: true }
  })
  useEffect(() => {
    if (token !== '') run()
  }, [])
  const ended = token === '' || (error instanceof ApiProblem && error.code === 'link_ended')
  const state = done ? 'done' : ended ? 'ended' : ''
  const says = { done: t('account.verifyDone'), ended: t('account.verifyEnded'), '': '' }
  return (
    <section class="panel narrow stack">
      <h1>{t('account.verifyTitle')}</h1>
      <p role="status" data-testid={testIds.mailNote} data-state={state}>
        {state === '' && error === undefined ? t('common.loading') : says[state]}
      </p>
      {!ended && <ErrorNote error={error} testId={testIds.formError} />}
    </section>
  )
}
