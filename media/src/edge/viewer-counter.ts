/** Which viewer a request is of: by its cookie, else by its address; and whether it needs a cookie. */
import type { ClientAddresses } from './client-address.ts'
import type { EdgeRequest } from './edge-request.ts'
import { NamelessAskers } from './nameless-askers.ts'
import { isViewerValue } from './viewer-cookie.ts'
import type { Sighting, Viewers } from './viewers.ts'

/** What a request says of who asks. */
export interface Asker {
  readonly client: string // address
  readonly cookieValue: string | undefined
}

/** `sighting` of whom it counts as; `isNamed`: by a cookie that holds for the next requests, too. */
export interface Counted {
  readonly sighting: Sighting | undefined
  readonly isNamed: boolean
  readonly needsCookie: boolean
}

const nobody: Counted = Object.freeze({ sighting: undefined, isNamed: false, needsCookie: false })
const newcomer: Counted = Object.freeze({ ...nobody, needsCookie: true })

export class ViewerCounter {
  readonly #viewers: Viewers
  readonly #cookieSecret: string
  readonly #addresses: ClientAddresses
  readonly #askers = new NamelessAskers()

  constructor({
    viewers,
    cookieSecret,
    addresses,
  }: {
    viewers: Viewers
    cookieSecret: string
    addresses: ClientAddresses
  }) {
    this.#viewers = viewers
    this.#cookieSecret = cookieSecret
    this.#addresses = addresses
  }

  /**
   * Notes who asks for a live broadcast.
   *
   * Who takes no cookies is one of its address, which is nothing that it could choose itself. Behind one address there may be
   * many: a player asks for each thing once, so as many ask for the same as there are players.
   */
  count(request: EdgeRequest, { client, cookieValue }: Asker, now: number): Counted {
    const { broadcast, kind } = request
    if (kind === 'recording' || kind === 'thumbnail') return nobody // a shop's page shows thumbnails of what nobody there watches
    const viewers = this.#viewers
    if (cookieValue !== undefined) {
      const known = viewers.seenAgain(broadcast, cookieValue, now)
      if (known !== undefined) return { sighting: known, isNamed: true, needsCookie: false }
      if (isViewerValue(cookieValue, broadcast, this.#cookieSecret)) {
        const sighting = viewers.seen(broadcast, cookieValue, now, this.#addresses.blockOf(client))
        return { sighting, isNamed: true, needsCookie: false }
      }
    } else if (kind !== 'multivariant') {
      const name = `${client} ${this.#askers.next(client, request)}`
      const sighting = viewers.seen(broadcast, name, now, this.#addresses.blockOf(client))
      return { sighting, isNamed: false, needsCookie: false }
    }
    if (kind !== 'multivariant') return nobody
    return viewers.mayIssue(broadcast, this.#addresses.blockOf(client)) ? newcomer : nobody
  }
}
