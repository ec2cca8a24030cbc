import { once } from 'node:events'
import { connect } from 'node:net'
import type { ReleaseTestConfig } from './config.ts'
import type { Trial } from './trial.ts'

const stepSeconds = 15

/** Asks every door of the release whether it answers. */
export async function askDoors(trial: Trial, config: ReleaseTestConfig): Promise<void> {
  const pages = {
    'pages answer': `${config.PAGES_URL}/`,
    'the shop answers': `${config.COMMERCE_URL}/api/commerce/v1/broadcasts?state=live`,
    'payment answers': `${config.PAYMENT_URL}/api/payment/v1/openapi.json`,
  }
  for (const [name, url] of Object.entries(pages)) {
    await trial.step(name, stepSeconds, async (signal) => {
      const { status, body } = await fetch(url, { signal })
      await body?.cancel()
      if (status !== 200) throw new Error(`GET ${url} answered ${status}`)
    })
  }
  await trial.step("the encoders' door opens", stepSeconds, (signal) => knock(config.RTMP_URL, signal))
}

/** Where an RTMP server listens. */
export function rtmpDoor(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port || 1935) }
}

async function knock(url: string, signal: AbortSignal): Promise<void> {
  const socket = connect(rtmpDoor(url))
  try {
    await once(socket, 'connect', { signal })
  } finally {
    socket.destroy()
  }
}
