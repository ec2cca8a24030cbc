/**
 * The beacon's foot in the entry: its code comes after the page has loaded, or with the first fault. The faults of that
 * code itself are nobody's: told, they would be told for ever.
 */
const load = () => import('./beacon.ts')

/** Has the server told how this page goes for its visitor. Call once, before anything may fail. */
export function watchPage(): void {
  for (const kind of ['error', 'unhandledrejection'] as const)
    addEventListener(kind, (event) => {
      load()
        .then(({ tellFault }) => tellFault(event))
        .catch(() => undefined)
    })
  addEventListener('load', () => {
    load()
      .then(({ startBeacon }) => startBeacon())
      .catch(() => undefined)
  })
}
