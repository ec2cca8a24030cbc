import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { stopMails } from '../api/follows.ts'
import { ApiProblem } from '../api/problem.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { useTitle } from '../ui/use-title.ts'
import { audienceText } from '../watch/audience-texts.ts'
import { takeLinkToken } from './link-token.ts'

/** `/account/mail-stop#TOKEN`: no more mails of a seller's shows, without signing in. A press, for programs follow links, too. */
export function MailStopPage() {
  useTitle(audienceText('stopTitle'))
  const [token] = useState(takeLinkToken)
  const [done, setDone] = useState(false)
  const { run, busy, error } = useAction(async () => {
    await stopMails(token)
    setDone(true)
  })
  const ended = token === '' || (error instanceof ApiProblem && error.code === 'link_ended')
  const state = done ? 'done' : ended ? 'ended' : ''
  const says = { done: audienceText('stopped'), ended: audienceText('ended'), '': audienceText('stopAsk') }
  return (
    <section class="panel narrow stack">
      <h1>{audienceText('stopTitle')}</h1>
      <p role="status" data-testid={testIds.mailNote} data-state={state}>
        {says[state]}
      </p>
      {state === '' && (
        <button type="button" class="button button-primary" disabled={busy} data-testid={testIds.submit} onClick={run}>
          {audienceText('stop')}
        </button>
      )}
      {!ended && <ErrorNote error={error} testId={testIds.formError} />}
      <Link href="/account">{t('account.title')}</Link>
    </section>
  )
}
