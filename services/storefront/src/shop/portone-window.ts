import type { ClientAction } from '../api/model.ts'

const source = 'https://cdn.portone.io/v2/browser-sdk.js'
const loadMs = 15_000

type Parameters = Extract<ClientAction, { kind: 'sdk' }>['parameters']

/** What PortOne's script puts into the page, as far as it is used: V2's `requestPayment`. */
interface PortOne {
  requestPayment(parameters: Parameters): Promise<Record<string, string | undefined> | undefined>
}

/**
 * Opens PortOne's window by its own script, and goes back the way of its redirects when it answers on this page.
 *
 * @see https://developers.portone.io/sdk/ko/v2-sdk/payment-request
 */
export async function openPortone(parameters: Parameters): Promise<void> {
  const answer = await (await load()).requestPayment(parameters)
  if (answer === undefined) return // it redirects
  const back = new URL(String(parameters.redirectUrl))
  for (const [name, value] of Object.entries(answer)) if (value !== undefined) back.searchParams.set(name, value)
  location.assign(back)
}

async function load(): Promise<PortOne> {
  const there = (globalThis as { PortOne?: PortOne }).PortOne
  if (there) return there
  const script = Object.assign(document.createElement('script'), { src: source, async: true })
  await new Promise((resolve, reject) => {
    const failed = () => reject(new Error('The payment partner’s script did not load'))
    script.addEventListener('load', resolve, { once: true })
    script.addEventListener('error', failed, { once: true })
    setTimeout(failed, loadMs)
    document.head.append(script)
  })
  const loaded = (globalThis as { PortOne?: PortOne }).PortOne
  if (!loaded) throw new Error('The payment partner’s script is not what it was')
  return loaded
}
