import type { Follow } from '../api/follows.ts'

interface AudienceAnswer {
  status: number
  body?: unknown
  code?: string
  hearts?: number
}

/** The part of the fixture that counts hearts and knows who is followed. */
export class AudienceFixture {
  hearts = 318
  readonly follows = new Map<string, Follow>()
  /** How many hearts each request had. */
  readonly given: number[] = []
  /** Tokens of mails that are not wanted any more. */
  readonly stopped: string[] = []

  /** Answers what is about them; undefined for anything else. */
  answer(route: string, body: Record<string, unknown>): AudienceAnswer | undefined {
    if (/^POST .*\/hearts$/.test(route)) {
      this.given.push(Number(body.hearts))
      this.hearts += Number(body.hearts)
      return { status: 202, body: { hearts: this.hearts }, hearts: this.hearts }
    }
    if (route === 'POST /mail-stops') {
      if (body.token !== 'a-good-token') return { status: 410, code: 'link_ended' }
      this.stopped.push(body.token)
      return { status: 204 }
    }
    if (route === 'GET /follows') return { status: 200, body: { items: [...this.follows.values()], nextCursor: null } }
    const [, method, sellerId = ''] = /^(\w+) \/follows\/(.+)$/.exec(route) ?? []
    if (method === undefined) return undefined
    if (method === 'DELETE') this.follows.delete(sellerId)
    if (method === 'PUT') {
      const notify = body.notify === true
      this.follows.set(sellerId, { sellerId, sellerName: '제주농장', notify, followedAt: '2026-01-01T00:00:00.000Z' })
    }
    const follow = this.follows.get(sellerId)
    if (method === 'DELETE') return { status: 204 }
    return follow === undefined ? { status: 404 } : { status: 200, body: follow }
  }
}
