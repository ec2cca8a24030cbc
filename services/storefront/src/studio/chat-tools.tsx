import type { ChatSettings } from '@mytaek1/contracts/live-events.ts'
import { Link } from 'wouter-preact'
import { announce } from '../api/chat.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { ChatSwitches } from '../watch/chat-switches.tsx'
import { chatDeskText } from './chat-desk-texts.ts'

const longestText = 200

/** How the chat of the open show is set: freeze, slow mode, announcement. */
export function ChatTools({ broadcastId, settings }: { broadcastId: string; settings: ChatSettings }) {
  const say = useAction(async (text: string) => void (await announce(broadcastId, text)))
  return (
    <section class="stack chat-tools" aria-label={chatDeskText('tools')}>
      <ChatSwitches broadcastId={broadcastId} settings={settings} />
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
      <ErrorNote error={say.error} />
      <Link href="/studio/chat">{chatDeskText('rulesLink')}</Link>
    </section>
  )
}
