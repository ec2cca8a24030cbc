import { computed, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { WaitingPlace } from '../api/model.ts'
import { account } from '../api/session.ts'
import { listPlaces } from '../api/waiting.ts'
import { onOfferNews } from './offer-news.ts'

const everyMs = 15_000 // the position; an offer is told at once

const read = signal<{ accountId: string; places: readonly WaitingPlace[] } | undefined>(undefined)

/** What the signed-in account waits for, as last read; never another account's. */
const waitingPlaces = computed<readonly WaitingPlace[]>(() =>
  read.value !== undefined && read.value.accountId === account.value?.id ? read.value.places : [],
)

/** Reads them; what was known stays when the service does not answer. */
export async function readPlaces(): Promise<void> {
  const accountId = account.value?.id
  if (accountId === undefined) return
  try {
    read.value = { accountId, places: await listPlaces() }
  } catch {
    // asked again in a while
  }
}

/** The place for a product, or of one with options for a variant. */
export const placeFor = (variantId: string): WaitingPlace | undefined =>
  waitingPlaces.value.find((place) => place.variantId === variantId)

/** Keeps them fresh while something shows them: with each offer, when the page is looked at again, and, if there is one, in between. */
export function useWaitingPlaces(isOn = true): readonly WaitingPlace[] {
  const signedIn = account.value?.id
  useEffect(() => {
    if (!isOn) return undefined
    void readPlaces() // it never rejects
    const look = () => {
      if (document.visibilityState === 'visible') void readPlaces()
    }
    const timer = setInterval(() => waitingPlaces.value.length > 0 && look(), everyMs)
    const stop = onOfferNews(() => void readPlaces())
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      stop()
      document.removeEventListener('visibilitychange', look)
    }
  }, [signedIn, isOn])
  return waitingPlaces.value
}
