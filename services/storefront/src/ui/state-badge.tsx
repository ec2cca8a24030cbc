import type { BroadcastState } from '../api/model.ts'
import { t } from '../i18n/translate.ts'

/** A broadcast's state in a word; live has the red everybody knows. */
export function StateBadge({ state, testId }: { state: BroadcastState; testId?: string }) {
  return (
    <span class={`badge badge-${state}`} data-testid={testId} data-state={state}>
      {state === 'live' && <span class="dot" aria-hidden="true" />}
      {t(`state.${state}`)}
    </span>
  )
}
