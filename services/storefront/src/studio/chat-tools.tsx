import type { ChatSettings } from '@mytaek1/contracts/live-events.ts'
import { Link } from 'wouter-preact'
import { announce, setChat } from '../api/chat.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useWish } from '../ui/use-wish.ts'
import { chatDeskText } from './chat-desk-texts.ts'

const slowChoices = [0, 5, 10, 30, 60, 120] as const
const longestText = 200

/** How the chat of the open show is set: freeze, slow mode, announcement. What stands there is what viewers were told, or is being set. */
export function ChatTools({ broadcastId, settings }: { broadcastId: string; settings: ChatSettings }) {
  const set = useWish(settings, (patch: Parameters<typeof setChat>[1]) => setChat(broadcastId, patch))
  const { frozen, slowSeconds } = { ...settings, ...set.wished }
  const say = useAction(async (text: string) => void (await announce(broadcastId, text)))
  return (
    <section class="stack chat-tools" aria-label={chatDeskText('tools')}>
      <label class="check">
        <input
          type="checkbox"
          checked={frozen}
          disabled={set.busy}
          data-testid={testIds.chatFreeze}
          onChange={({ currentTarget: { checked } }) => set.run({ frozen: checked })}
        />
        {chatDeskText('frozen')}
      </label>
      <label class="row">
        {chatDeskText('slow')}
        <select
          value={slowSeconds}
          disabled={set.busy}
          data-testid={testIds.chatSlow}
          onChange={({ currentTarget: { value } }) => set.run({ slowSeconds: Number(value) })}
        >
          {[...new Set([...slowChoices, settings.slowSeconds])].map((seconds) => (
            <option key={seconds} value={seconds}>
              {seconds === 0 ? chatDeskText('slowOff') : chatDeskText('slowSeconds', { seconds })}
            </option>
          ))}
        </select>
      </label>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          const text = readText(event.currentTarget, 'announcement')
          if (text !== '') say.run(text)
          event.currentTarget.reset()
        }}
      >
        <Field
          label={chatDeskText('announcement')}
          name="announcement"
          autocomplete="off"
          maxLength={longestText}
          testId={testIds.chatAnnouncement}
        />
        <div class="row">
          <button type="submit" class="button button-small" disabled={say.busy} data-testid={testIds.chatAnnounce}>
            {chatDeskText('announce')}
          </button>
          {settings.notice && (
            <button
              type="button"
              class="button button-small button-quiet"
              disabled={say.busy}
              data-testid={testIds.chatTakeDown}
              onClick={() => say.run('')}
            >
              {chatDeskText('takeDown')}
            </button>
          )}
        </div>
      </form>
      <ErrorNote error={set.error ?? say.error} />
      <Link href="/studio/chat">{chatDeskText('rulesLink')}</Link>
    </section>
  )
}
