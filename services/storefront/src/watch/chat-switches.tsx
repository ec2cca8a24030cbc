import type { ChatSettings } from '@mytaek1/contracts/live-events.ts'
import { setChat } from '../api/chat.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useWish } from '../ui/use-wish.ts'
import { menuText } from './menu-texts.ts'

const slowChoices = [0, 5, 10, 30, 60, 120] as const

/** Freezes and slows a chat. What stands there is what viewers were told, or is being set. */
export function ChatSwitches({ broadcastId, settings }: { broadcastId: string; settings: ChatSettings }) {
  const set = useWish(settings, (patch: Parameters<typeof setChat>[1]) => setChat(broadcastId, patch))
  const { frozen, slowSeconds } = { ...settings, ...set.wished }
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={frozen}
          disabled={set.busy}
          data-testid={testIds.chatFreeze}
          onChange={({ currentTarget: { checked } }) => set.run({ frozen: checked })}
        />
        {menuText('frozen')}
      </label>
      <label class="row">
        {menuText('slow')}
        <select
          value={slowSeconds}
          disabled={set.busy}
          data-testid={testIds.chatSlow}
          onChange={({ currentTarget: { value } }) => set.run({ slowSeconds: Number(value) })}
        >
          {[...new Set([...slowChoices, settings.slowSeconds])].map((seconds) => (
            <option key={seconds} value={seconds}>
              {seconds === 0 ? menuText('slowOff') : menuText('slowSeconds', { seconds })}
            </option>
          ))}
        </select>
      </label>
      <ErrorNote error={set.error} />
    </>
  )
}
