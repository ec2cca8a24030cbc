import { useState } from 'preact/hooks'
import { dismissModerator, dropInvite, inviteModerator, listModerators, nameModerator } from '../api/chat.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { moderatorText } from '../watch/moderator-texts.ts'

/** Who keeps the seller's chats in order: named by account or asked by e-mail, and dismissed. */
export function ModeratorsSection() {
  const people = useResource(listModerators)
  const [said, setSaid] = useState<'named' | 'asked'>()
  const add = useAction(async (form: HTMLFormElement) => {
    setSaid(undefined)
    const who = readText(form, 'who')
    const byEmail = who.includes('@')
    await (byEmail ? inviteModerator(who) : nameModerator(who))
    form.reset()
    setSaid(byEmail ? 'asked' : 'named')
    people.reload()
  })
  const end = useAction(async (work: () => Promise<unknown>) => {
    setSaid(undefined)
    await work()
    people.reload()
  })
  const { items = [], invites = [] } = people.value ?? {}
  return (
    <section class="panel stack" aria-labelledby="moderators-title" tabIndex={-1}>
      <h2 id="moderators-title">{moderatorText('title')}</h2>
      <p class="muted small">{moderatorText('hint')}</p>
      <ErrorNote error={people.error ?? end.error} />
      {people.value && items.length + invites.length === 0 && <p class="muted">{moderatorText('none')}</p>}
      <ul class="stack">
        {items.map(({ accountId, displayName }) => (
          <li key={accountId} class="row row-apart row-wrap" data-testid={testIds.moderator(accountId)}>
            <span>
              <b>{displayName}</b> <span class="muted small">{accountId}</span>
            </span>
            <button
              type="button"
              class="button button-quiet"
              aria-label={moderatorText('dismissOf', { name: displayName })}
              disabled={end.busy}
              onClick={() => end.run(() => dismissModerator(accountId))}
            >
              {moderatorText('dismiss')}
            </button>
          </li>
        ))}
        {invites.map(({ id, email }) => (
          <li key={id} class="row row-apart row-wrap" data-testid={testIds.moderatorInvite(id)}>
            <span>
              {email} <span class="muted small">{moderatorText('waiting')}</span>
            </span>
            <button
              type="button"
              class="button button-quiet"
              aria-label={moderatorText('withdrawOf', { name: email })}
              disabled={end.busy}
              onClick={() => end.run(() => dropInvite(id))}
            >
              {moderatorText('withdraw')}
            </button>
          </li>
        ))}
      </ul>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          add.run(event.currentTarget)
        }}
      >
        <Field
          label={moderatorText('who')}
          hint={moderatorText('whoHint')}
          name="who"
          maxLength={254}
          required
          autocomplete="off"
          testId={testIds.moderatorWho}
        />
        <button type="submit" class="button" disabled={add.busy} data-testid={testIds.moderatorAdd}>
          {moderatorText('add')}
        </button>
        <p role="status">{said !== undefined && moderatorText(said)}</p>
        <ErrorNote error={add.error} />
      </form>
    </section>
  )
}
