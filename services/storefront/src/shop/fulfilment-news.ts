/** That something about an order's way changed, as the account's stream says it: whoever shows orders reads them again. */
const quietMs = 700 // a seller of hundreds at once reads the list once, not hundreds of times

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setTimeout> | undefined
let told = 0

/** A stream says that an order's way changed. The first piece of news is passed on at once, what follows it together. */
export function tellFulfilmentNews(now: number = performance.now()): void {
  if (timer !== undefined) return
  const waitMs = Math.max(0, told + quietMs - now)
  timer = setTimeout(() => {
    timer = undefined
    told = performance.now()
    for (const listener of listeners) listener()
  }, waitMs)
}

/** Calls back when there is news; answers a function that ends it. */
export function onFulfilmentNews(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
