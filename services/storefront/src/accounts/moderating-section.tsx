import { acceptInvite, dropInvite, listModerated, stopModerating } from '../api/chat.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { moderatorText } from '../watch/moderator-texts.ts'

/** Sellers whose chats the account keeps in order, and who asks it to; nothing at all for who has neither. */
export function ModeratingSection() {
  const sellers = useResource(listModerated)
  const change = useAction(async (work: () => Promise<unknown>) => {
    await work()
    sellers.reload()
  })
  const { items = [], invites = [] } = sellers.value ?? {}
  if (items.length + invites.length === 0) return <ErrorNote error={sellers.error} />
  const button = (key: 'accept' | 'decline' | 'leave', name: string, work: () => Promise<unknown>) => (
    <button
      type="button"
      class="button button-quiet"
      aria-label={moderatorText(`${key}Of`, { name })}
      disabled={change.busy}
      onClick={() => change.run(work)}
    >
      {moderatorText(key)}
    </button>
  )
  return (
    <section class="panel stack" aria-labelledby="moderating-title" tabIndex={-1}>
      <h2 id="moderating-title">{moderatorText('keeping')}</h2>
      <ErrorNote error={sellers.error ?? change.error} />
      <ul class="stack">
        {invites.map(({ id, sellerName }) => (
          <li key={id} class="row row-apart row-wrap" data-testid={testIds.moderatorInvite(id)}>
            <span>{moderatorText('asks', { name: sellerName })}</span>
            <span class="row">
              {button('accept', sellerName, () => acceptInvite(id))}
              {button('decline', sellerName, () => dropInvite(id))}
            </span>
          </li>
        ))}
        {items.map(({ sellerId, sellerName }) => (
          <li key={sellerId} class="row row-apart row-wrap" data-testid={testIds.moderated(sellerId)}>
            <b>{sellerName}</b>
            {button('leave', sellerName, () => stopModerating(sellerId))}
          </li>
        ))}
      </ul>
    </section>
  )
}
