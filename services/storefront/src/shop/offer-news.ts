/** That a unit is kept for the signed-in account, as its stream says it: whoever shows places reads them again. */
const listeners = new Set<() => void>()

export function tellOfferNews(): void {
  for (const listener of listeners) listener()
}

/** Calls back when there is news; answers a function that ends it. */
export function onOfferNews(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
