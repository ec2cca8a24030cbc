import { isWithin } from '@mytaek1/platform/address-blocks.ts'
import { z } from 'zod'
import type { Api } from './api.ts'
import type { ReleaseTestConfig } from './config.ts'
import { rtmpDoor } from './doors.ts'
import { startEncoder } from './encoder.ts'
import type { Person } from './people.ts'
import { openProxiedDoor } from './proxied-door.ts'
import { GiveUp, NotYet, until, type Trial } from './trial.ts'

const liveSeconds = 90 // a stream Pod may have to be made, on a node that has to pull its image
const stopSeconds = 10
const showShape = z.object({ state: z.string(), refusal: z.string().nullable() })

/** Has an encoder send to the show until the end of the test, and waits until the shop says that it is live. */
export async function goLive(
  trial: Trial,
  { shop, seller, broadcastId, config }: { shop: Api; seller: Person; broadcastId: string; config: ReleaseTestConfig },
): Promise<void> {
  await trial.step('the show is live', liveSeconds, async (signal) => {
    const url = await addressFor(trial, config)
    const encoder = startEncoder({ url, key: seller.streamKey, seconds: config.TEST_SECONDS })
    trial.undo('the encoder is stopped', stopSeconds, () => encoder.stop())
    let lastWords: string | undefined
    void encoder.ended.then((words) => (lastWords = words)) // never rejects
    await until({ what: 'the show to be live', signal }, async () => {
      if (lastWords !== undefined) throw new GiveUp(`the encoder ended: ${lastWords}`)
      const path = `/broadcasts/${broadcastId}`
      const { state, refusal } = await shop('GET', path, { signal, token: seller.token, answer: showShape })
      if (state === 'ended') throw new GiveUp(`the show was ended: ${refusal ?? 'by the platform'}`)
      return state === 'live' ? true : new NotYet(`state ${state}`)
    })
  })
}

async function addressFor(
  trial: Trial,
  { RTMP_URL, POD_IP, RTMP_TRUSTED_PROXIES }: ReleaseTestConfig,
): Promise<string> {
  if (POD_IP === undefined || RTMP_TRUSTED_PROXIES === undefined || !isWithin(RTMP_TRUSTED_PROXIES, POD_IP))
    return RTMP_URL
  const door = await openProxiedDoor(rtmpDoor(RTMP_URL), POD_IP)
  trial.undo("the encoder's door is closed", stopSeconds, () => Promise.resolve(door.close()))
  return `rtmp://127.0.0.1:${door.port}${new URL(RTMP_URL).pathname}`
}
