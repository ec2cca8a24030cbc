import { EventEmitter } from 'node:events'
import type { BrowserContext } from 'playwright-core'
import type { Report } from '../server/beacon-report.ts'

/**
 * Has a context's pages say what they tell their server, beside telling it, for Playwright shows no body of a beacon. What they
 * tell of uncaught errors is added to `faults`: a test then knows what the operator would.
 *
 * @returns emits each `report`.
 */
export async function hearBeacons(
  context: BrowserContext,
  faults: string[],
): Promise<EventEmitter<{ report: [Report] }>> {
  const heard = new EventEmitter<{ report: [Report] }>()
  await context.exposeFunction('beaconHeard', (text: string) => {
    const report = JSON.parse(text) as Report // our own page's
    for (const { text, at } of report.faults ?? []) faults.push(`the beacon told of: ${text} at ${at}`)
    heard.emit('report', report)
  })
  await context.addInitScript(() => {
    const send = navigator.sendBeacon.bind(navigator)
    navigator.sendBeacon = (url, body) => {
      const { beaconHeard } = globalThis as unknown as { beaconHeard: (text: string) => Promise<void> } // exposed above
      if (body instanceof Blob) void body.text().then(beaconHeard)
      return send(url, body)
    }
  })
  return heard
}
