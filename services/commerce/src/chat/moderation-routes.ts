import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { requireOwnBroadcast } from '../broadcasts/change-broadcast.ts'
import { broadcastIdParams } from '../broadcasts/schema.ts'
import { pageQuery } from '../paging.ts'
import { z } from 'zod'
import { listActs } from './acts.ts'
import { changeRules, readRules } from './chat-rules.ts'
import { admit, deleteMessage, listRestricted, restrict, type ModerateDeps } from './moderate.ts'
import type { ChatDeps } from './chat-deps.ts'
import {
  actPageShape,
  chatParams,
  chatRulesShape,
  chatSettingsPatchShape,
  chatSettingsShape,
  newNoticeShape,
  newRestrictionShape,
  presentAct,
  presentRestricted,
  restrictedShape,
  restrictionParams,
} from './schema.ts'
import { changeNotice, changeSettings } from './settings.ts'

/** Refusals of what only those may do who keep the chat. */
export const staffRefusals = {
  401: { description: '`unauthenticated`: no valid access token' },
  403: { description: '`forbidden`: another seller’s chat, or more than a moderator may' },
  404: { description: '`not_found`' },
  429: { description: '`rate_limited`' },
}
const staff = ['seller', 'admin'] as const
const unavailable = { 503: { description: '`chat_unavailable`' } }

/** What the broadcast's seller, their moderators and admins do in its chat; chat-keepers.ts says who may what. */
export function moderationRoutes(deps: ChatDeps): Endpoint[] {
  const { db, redis, announce, clock, limits } = deps
  const moderating = (): ModerateDeps => ({ db, redis, announce, now: clock() })
  const setting = () => ({
    db,
    redis,
    now: clock(),
    told: (id: string, data: z.infer<typeof chatSettingsShape>) => announce(id, { type: 'chat_settings', data }),
  })
  return [
    endpoint({
      method: 'delete',
      path: '/broadcasts/{id}/chat/{chatId}',
      summary: 'Take a message away; a moderator, what a viewer said',
      access: 'account',
      params: chatParams,
      responses: { 204: { description: 'It is gone from every screen' }, ...staffRefusals, ...unavailable },
      handle: async ({ params, caller }) => {
        await limits.moderate.consume(caller.sub)
        await deleteMessage(moderating(), caller, { broadcastId: params.id, chatId: params.chatId })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'patch',
      path: '/broadcasts/{id}/chat-settings',
      summary: 'Freeze or thaw the chat, or set slow mode; viewers are told at once',
      access: 'account',
      params: broadcastIdParams,
      body: chatSettingsPatchShape,
      responses: {
        200: { description: 'As it is set now', schema: chatSettingsShape },
        400: { description: '`invalid_request`' },
        409: { description: '`broadcast_state`: it has ended' },
        ...staffRefusals,
      },
      handle: async ({ params, body, caller }) => {
        await limits.moderate.consume(caller.sub)
        return { status: 200, body: await changeSettings(setting(), caller, params.id, body) }
      },
    }),
    endpoint({
      method: 'put',
      path: '/broadcasts/{id}/chat-notice',
      summary: 'Put a message or an announcement over the chat, or take it away',
      access: staff,
      params: broadcastIdParams,
      body: newNoticeShape,
      responses: {
        200: { description: 'As the chat is set now', schema: chatSettingsShape },
        400: { description: '`invalid_request`' },
        409: { description: '`broadcast_state`: it has ended' },
        ...staffRefusals,
        ...unavailable,
      },
      handle: async ({ params, body: { chatId, text }, caller }) => {
        await limits.moderate.consume(caller.sub)
        const wanted = chatId !== undefined ? { chatId } : text !== undefined ? { text } : null
        return { status: 200, body: await changeNotice(setting(), caller, params.id, wanted) }
      },
    }),
    endpoint({
      method: 'put',
      path: '/broadcasts/{id}/chat-restrictions/{accountId}',
      summary:
        'Mute, ban or shadow an account in all chats of this broadcast’s seller; a moderator mutes, for a day at most',
      access: 'account',
      params: restrictionParams,
      body: newRestrictionShape,
      responses: {
        204: { description: 'From its next message on' },
        400: { description: '`invalid_request`' },
        409: { description: '`too_many_restricted`' },
        422: { description: '`staff_not_restricted`' },
        ...staffRefusals,
        ...unavailable,
      },
      handle: async ({ params: { id, accountId }, body, caller }) => {
        await limits.moderate.consume(caller.sub)
        await restrict(moderating(), caller, id, { accountId, ...body })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/broadcasts/{id}/chat-restrictions/{accountId}',
      summary: 'Let an account write again; a moderator, whom the same one muted',
      access: 'account',
      params: restrictionParams,
      responses: { 204: { description: 'It may write' }, ...staffRefusals },
      handle: async ({ params: { id, accountId }, caller }) => {
        await limits.moderate.consume(caller.sub)
        await admit(moderating(), caller, { broadcastId: id, accountId })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'get',
      path: '/broadcasts/{id}/chat-restrictions',
      summary: 'Who is kept from the chats of this broadcast’s seller, the last first; of a moderator, by the caller',
      access: 'account',
      params: broadcastIdParams,
      responses: { 200: { description: 'All of them, at most 1,000', schema: restrictedShape }, ...staffRefusals },
      handle: async ({ params, caller }) => {
        const items = (await listRestricted(moderating(), caller, params.id)).map(presentRestricted)
        return { status: 200, body: { items } }
      },
    }),
    endpoint({
      method: 'get',
      path: '/broadcasts/{id}/chat-acts',
      summary: 'Who did what in this broadcast’s chat, newest first',
      access: staff,
      params: broadcastIdParams,
      query: z.object(pageQuery),
      responses: { 200: { description: 'One page', schema: actPageShape }, ...staffRefusals },
      handle: async ({ params, query, caller }) => {
        await requireOwnBroadcast(db, caller, params.id)
        const { items, nextCursor } = await listActs(db, params.id, query)
        return { status: 200, body: { items: items.map(presentAct), nextCursor } }
      },
    }),
    endpoint({
      method: 'get',
      path: '/chat-rules',
      summary: 'What the caller lets nobody write in their shows',
      access: staff,
      responses: { 200: { description: 'The rules', schema: chatRulesShape }, 401: staffRefusals[401] },
      handle: async ({ caller }) => ({ status: 200, body: await readRules(db, caller.sub) }),
    }),
    endpoint({
      method: 'put',
      path: '/chat-rules',
      summary: 'Set them; they hold from the next message on',
      access: staff,
      body: chatRulesShape,
      responses: {
        200: { description: 'The rules', schema: chatRulesShape },
        400: { description: '`invalid_request`' },
        401: staffRefusals[401],
        429: staffRefusals[429],
      },
      handle: async ({ body, caller }) => {
        await limits.moderate.consume(caller.sub)
        await changeRules({ db, now: clock() }, caller.sub, body)
        return { status: 200, body }
      },
    }),
  ]
}
