import type { ClientAction } from '../api/model.ts'

const leaveMs = 10_000 // for the browser to load the window's page; it may be stopped, and then another try is offered

/** Takes the browser to a gateway's window, in place of this page. @throws {Error} it did not get there. */
export async function goToWindow(next: ClientAction): Promise<void> {
  if (next.kind === 'nothing') return
  if (next.kind === 'sdk') {
    const { openPortone } = await import('./portone-window.ts')
    return await openPortone(next.parameters)
  }
  const url = new URL(next.url)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error(`A window cannot be at ${url.protocol}`)
  const left = new Promise((resolve) => addEventListener('pagehide', resolve, { once: true }))
  const tooLong = new Promise((_, reject) =>
    setTimeout(() => reject(new Error('The payment page did not open')), leaveMs),
  )
  location.assign(url)
  await Promise.race([left, tooLong])
}
