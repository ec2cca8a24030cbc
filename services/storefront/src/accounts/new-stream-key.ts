import { computed, effect, signal } from '@preact/signals'
import { account } from '../api/session.ts'

const issued = signal<{ accountId: string; key: string } | undefined>(undefined)
let shownTo: string | undefined

/** A stream key that was just issued to who is signed in: in memory only, and gone with them; it is not told again. */
export const newStreamKey = computed(() =>
  issued.value !== undefined && issued.value.accountId === account.value?.id ? issued.value.key : undefined,
)

/** Keeps a key for its account to see. */
export function keepStreamKey(accountId: string, key: string): void {
  issued.value = { accountId, key }
}

effect(() => {
  const id = account.value?.id
  if (shownTo !== undefined && id !== shownTo) issued.value = undefined // signed out, or somebody else came
  shownTo = id
})
