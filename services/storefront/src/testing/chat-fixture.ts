/** The part of the fixture that keeps a chat in order, as far as pages show it. */
import type { ChatMessage, ChatSettings, LiveEvent } from '@mytaek1/contracts/live-events.ts'
import type { ChatAnswers, ChatModerating, ChatModerators, ChatReport, ChatRules, Restriction } from '../api/chat.ts'

/** What the fixture knows of the chat. */
export interface ChatWorld {
  settings: ChatSettings
  rules: ChatRules
  answers: ChatAnswers
  moderators: ChatModerators
  moderating: ChatModerating
  restricted: Restriction[]
  reports: ChatReport[]
  /** What staff and viewers did, as `METHOD path`. */
  deeds: string[]
}

const at = '2026-01-01T00:00:00.000Z'

export function makeChatWorld(): ChatWorld {
  return {
    settings: { revision: 0, frozen: false, slowSeconds: 0, notice: null },
    rules: { bannedWords: [], links: 'staff' },
    answers: { revision: 0, items: [] },
    moderators: { items: [], invites: [] },
    moderating: { items: [], invites: [] },
    restricted: [],
    reports: [],
    deeds: [],
  }
}

/** A message as the service takes it. */
export function sayAs(accountId: string, sequence: number, body: Record<string, unknown>): ChatMessage {
  const { text, replyTo } = body
  const author = { id: accountId, role: 'viewer' } as const
  const about = { displayName: '민지', text: String(text), at: new Date().toISOString(), author }
  return {
    id: `${sequence}-0`,
    ...about,
    ...(typeof replyTo === 'string' && { replyTo: { id: replyTo, displayName: '수진' } }),
  }
}

interface FixtureAnswer {
  status: number
  body?: unknown
  code?: string
  events: LiveEvent[]
}

/** Answers what is about the order of a chat; undefined for anything else. */
export function answerChat({
  route,
  body,
  world,
}: {
  route: string
  body: Record<string, unknown>
  world: ChatWorld
}): FixtureAnswer | undefined {
  const done = (status: number, answer?: unknown, events: LiveEvent[] = []) => ({ status, body: answer, events })
  if (!/\/chat(-|\/)/.test(route)) return undefined
  if (!route.startsWith('GET')) world.deeds.push(route)
  const settings = (patch: Partial<ChatSettings>) => {
    world.settings = { ...world.settings, ...patch, revision: world.settings.revision + 1 }
    return done(200, world.settings, [{ type: 'chat_settings', data: world.settings }])
  }
  const restriction = /chat-restrictions\/(.+)$/.exec(route)?.[1]
  if (route.endsWith('/chat-settings')) return settings(body)
  if (route.endsWith('/chat-notice')) {
    if (body.text === undefined && body.chatId === undefined) return settings({ notice: null })
    const chatId = typeof body.chatId === 'string' ? body.chatId : null
    return settings({
      notice: {
        chatId,
        displayName: '제주농장',
        role: 'host',
        text: typeof body.text === 'string' ? body.text : '고정',
        at,
      },
    })
  }
  if (route.startsWith('GET') && route.endsWith('/chat-restrictions')) return done(200, { items: world.restricted })
  if (route.startsWith('PUT') && restriction !== undefined) {
    const kind = body.kind as Restriction['kind']
    world.restricted.push({ accountId: restriction, displayName: '수진', kind, until: null, madeAt: at })
    return done(
      204,
      undefined,
      kind === 'ban' ? [{ type: 'chat_hidden', data: { id: '', authorId: restriction } }] : [],
    )
  }
  if (route.startsWith('DELETE') && restriction !== undefined) {
    world.restricted = world.restricted.filter(({ accountId }) => accountId !== restriction)
    return done(204)
  }
  if (route.endsWith('/chat-acts')) {
    const act = { at, actorId: 'u-1', actorRole: 'seller', act: 'delete', accountId: 'u-2', details: '도배' }
    return done(200, { items: [act], nextCursor: null })
  }
  if (route.endsWith('/chat-rules')) {
    if (route.startsWith('PUT')) world.rules = body as unknown as ChatRules
    return done(200, world.rules)
  }
  const moderators = answerModerators(route, body, world)
  if (moderators !== undefined) return done(moderators.status, moderators.body)
  if (route === 'GET /chat-answers') return done(200, world.answers)
  if (route === 'PUT /chat-answers') {
    const given = body as unknown as ChatAnswers
    if (given.revision !== world.answers.revision) return { status: 409, code: 'answers_changed', events: [] }
    world.answers = { ...given, revision: given.revision + 1 }
    return done(200, world.answers)
  }
  if (route === 'GET /chat-reports') return done(200, { items: world.reports, nextCursor: null })
  const decided = /^PUT \/chat-reports\/(.+)\/decision$/.exec(route)?.[1]
  if (decided !== undefined) {
    world.reports = world.reports.filter(({ id }) => id !== decided)
    return done(204)
  }
  const deleted = /^DELETE .*\/chat\/(.+)$/.exec(route)?.[1]
  if (deleted !== undefined) return done(204, undefined, [{ type: 'chat_hidden', data: { id: deleted } }])
  return route.endsWith('/reports') ? done(204) : undefined
}

function answerModerators(
  route: string,
  body: Record<string, unknown>,
  { moderators, moderating }: ChatWorld,
): { status: number; body?: unknown } | undefined {
  if (route === 'GET /chat-moderators') return { status: 200, body: moderators }
  if (route === 'GET /chat-moderating') return { status: 200, body: moderating }
  const [, method, list, id = ''] =
    /^(\w+) \/chat-(moderators|moderating|moderator-invites)(?:\/([^/]+))?/.exec(route) ?? []
  if (method === undefined) return undefined
  if (method === 'PUT') moderators.items.push({ accountId: id, displayName: '수진', namedAt: at })
  if (method === 'DELETE' && list === 'moderators')
    moderators.items = moderators.items.filter(({ accountId }) => accountId !== id)
  if (method === 'DELETE' && list === 'moderating')
    moderating.items = moderating.items.filter(({ sellerId }) => sellerId !== id)
  if (route === 'POST /chat-moderator-invites')
    moderators.invites.push({ id: 'inv-1', email: String(body.email), invitedAt: at })
  if (id !== '' && list === 'moderator-invites') {
    const accepted = moderating.invites.find((invite) => invite.id === id)
    moderators.invites = moderators.invites.filter((invite) => invite.id !== id)
    moderating.invites = moderating.invites.filter((invite) => invite.id !== id)
    if (method === 'POST' && accepted)
      moderating.items.push({ sellerId: accepted.sellerId, sellerName: accepted.sellerName, namedAt: at })
  }
  return { status: 204 }
}
