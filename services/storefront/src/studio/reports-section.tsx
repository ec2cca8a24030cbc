import { decideReport, listReports } from '../api/chat.ts'
import { formatTime } from '../i18n/format.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { chatDeskText } from './chat-desk-texts.ts'

const everyMs = 15_000

/** Messages that viewers reported and nobody has decided about: a seller's own, or for an admin all. */
export function ReportsSection() {
  const reports = useResource(listReports, { everyMs })
  const decide = useAction(async (id: string, decision: 'removed' | 'kept') => {
    await decideReport(id, decision)
    reports.reload()
  })
  return (
    <section class="panel stack" aria-labelledby="reports-title">
      <h2 id="reports-title">{chatDeskText('reports')}</h2>
      <ErrorNote error={reports.error ?? decide.error} />
      {reports.value?.length === 0 && <p class="muted">{chatDeskText('reportsNone')}</p>}
      <ul class="stack">
        {reports.value?.map(({ id, authorName, text, reason, reporters, reportedAt }) => (
          <li key={id} class="stack" data-testid={testIds.chatReport(id)}>
            <p>
              <b>{authorName}</b> {text}{' '}
              <span class="muted small">
                {chatDeskText(`reason.${reason}`)} · {chatDeskText('reporters', { count: reporters })} ·{' '}
                {formatTime(reportedAt, locale.value)}
              </span>
            </p>
            <div class="row">
              {(['removed', 'kept'] as const).map((decision) => {
                const what = decision === 'removed' ? 'remove' : 'keep'
                return (
                  <button
                    key={decision}
                    type="button"
                    class="button button-small"
                    aria-label={chatDeskText(`${what}Of`, { text })}
                    disabled={decide.busy}
                    data-testid={testIds.chatReportDecision(decision, id)}
                    onClick={() => decide.run(id, decision)}
                  >
                    {chatDeskText(what)}
                  </button>
                )
              })}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
