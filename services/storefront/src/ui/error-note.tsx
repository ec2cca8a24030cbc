import { explain } from '../i18n/translate.ts'

/** Why something failed, spoken at once; nothing while all is well. */
export function ErrorNote({ error, testId }: { error: unknown; testId?: string }) {
  return (
    <div role="alert" class="error-slot">
      {error !== undefined && (
        <p class="error-note" data-testid={testId}>
          {explain(error)}
        </p>
      )}
    </div>
  )
}
