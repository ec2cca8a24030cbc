import { follow, listFollows, unfollow } from '../api/follows.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useResource } from '../ui/use-resource.ts'
import { useWish } from '../ui/use-wish.ts'
import { audienceText } from '../watch/audience-texts.ts'

/** Whom the account follows, and of whom it wants mails; at most the last hundred. */
export function FollowsSection() {
  const follows = useResource(listFollows)
  const change = useWish(follows.value, async ({ sellerId, notify }: { sellerId: string; notify?: boolean }) => {
    await (notify === undefined ? unfollow(sellerId) : follow(sellerId, notify))
    follows.reload()
  })
  const wished = (sellerId: string) => (change.wished?.sellerId === sellerId ? change.wished.notify : undefined)
  return (
    <section class="panel stack" aria-labelledby="follows-title">
      <h2 id="follows-title">{audienceText('title')}</h2>
      <ErrorNote error={follows.error ?? change.error} />
      {follows.value?.length === 0 && <p class="muted">{audienceText('none')}</p>}
      <ul class="stack">
        {follows.value?.map(({ sellerId, sellerName, notify }) => (
          <li key={sellerId} class="row row-apart row-wrap" data-testid={testIds.followed(sellerId)}>
            <b>{sellerName}</b>
            <label class="check">
              <input
                type="checkbox"
                checked={wished(sellerId) ?? notify}
                disabled={change.busy}
                aria-label={audienceText('notify', { name: sellerName })}
                onChange={({ currentTarget: { checked } }) => change.run({ sellerId, notify: checked })}
              />
              {audienceText('mail')}
            </label>
            <button
              type="button"
              class="button button-quiet"
              aria-label={audienceText('unfollowOf', { name: sellerName })}
              disabled={change.busy}
              onClick={() => change.run({ sellerId })}
            >
              {audienceText('unfollow')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
