import { follow, readFollow, unfollow } from '../api/follows.ts'
import { account } from '../api/session.ts'
import { explain } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { audienceText } from './audience-texts.ts'

/** Follows the show's seller, with a mail when the next show begins; nothing for the seller. */
export function FollowButton({
  sellerId,
  sellerName,
  onSignIn,
}: {
  sellerId: string
  sellerName: string
  onSignIn: () => void
}) {
  const me = account.value?.id
  const known = useResource(() => (me === undefined ? Promise.resolve(null) : readFollow(sellerId)), { key: me ?? '' })
  const change = useAction(async (follows: boolean) => {
    await (follows ? unfollow(sellerId) : follow(sellerId, true))
    known.reload()
  })
  if (me === sellerId || known.value === undefined) return null
  const follows = known.value !== null
  return (
    <>
      <button
        type="button"
        class="follow"
        aria-pressed={follows}
        aria-label={audienceText(follows ? 'followingOf' : 'followOf', { name: sellerName })}
        disabled={change.busy}
        data-testid={testIds.follow}
        onClick={() => (me === undefined ? onSignIn() : change.run(follows))}
      >
        {audienceText(follows ? 'following' : 'follow')}
      </button>
      <span class="visually-hidden" role="status">
        {change.error === undefined ? follows && audienceText('followed', { name: sellerName }) : explain(change.error)}
      </span>
    </>
  )
}
