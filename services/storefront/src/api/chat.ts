/** The calls of commerce's API by which a chat is kept in order. */
import type { ChatSettings } from '@mytaek1/contracts/live-events.ts'
import type { Answer, Input } from './operation.ts'
import { operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

export type RestrictionKind = Restriction['kind']
export type Restriction = Answer<'get', '/api/commerce/v1/broadcasts/{id}/chat-restrictions'>['items'][number]
export type ChatRules = Answer<'get', '/api/commerce/v1/chat-rules'>
export type ChatAnswers = Answer<'get', '/api/commerce/v1/chat-answers'>
export type ChatAnswer = ChatAnswers['items'][number]
export type ChatModerators = Answer<'get', '/api/commerce/v1/chat-moderators'>
export type ChatModerating = Answer<'get', '/api/commerce/v1/chat-moderating'>
export type ChatReport = Answer<'get', '/api/commerce/v1/chat-reports'>['items'][number]
export type ChatAct = Answer<'get', '/api/commerce/v1/broadcasts/{id}/chat-acts'>['items'][number]

/** Takes a message away, from every screen. */
export const deleteMessage = (broadcastId: string, chatId: string): Promise<unknown> =>
  operateSignedIn('delete', `${base}/broadcasts/{id}/chat/{chatId}`, { params: { id: broadcastId, chatId } })

/** Puts a message over the chat. */
export const pinMessage = (broadcastId: string, chatId: string): Promise<ChatSettings> =>
  operateSignedIn('put', `${base}/broadcasts/{id}/chat-notice`, { params: { id: broadcastId }, body: { chatId } })

/** Puts an announcement over the chat; an empty one takes away what is there. */
export const announce = (broadcastId: string, text: string): Promise<ChatSettings> =>
  operateSignedIn('put', `${base}/broadcasts/{id}/chat-notice`, {
    params: { id: broadcastId },
    body: text === '' ? {} : { text },
  })

/** Freezes or thaws the chat, or sets slow mode. */
export const setChat = (
  broadcastId: string,
  body: Input<'patch', '/api/commerce/v1/broadcasts/{id}/chat-settings'>['body'],
): Promise<ChatSettings> =>
  operateSignedIn('patch', `${base}/broadcasts/{id}/chat-settings`, { params: { id: broadcastId }, body })

/** Keeps an account from the seller's chats. @throws {ApiProblem} code `staff_not_restricted`, `too_many_restricted`. */
export const restrictAccount = (
  broadcastId: string,
  accountId: string,
  body: { kind: RestrictionKind; seconds: number | null },
): Promise<unknown> =>
  operateSignedIn('put', `${base}/broadcasts/{id}/chat-restrictions/{accountId}`, {
    params: { id: broadcastId, accountId },
    body,
  })

/** Lets an account write again. */
export const admitAccount = (broadcastId: string, accountId: string): Promise<unknown> =>
  operateSignedIn('delete', `${base}/broadcasts/{id}/chat-restrictions/{accountId}`, {
    params: { id: broadcastId, accountId },
  })

/** Who is kept from the seller's chats, the last first. */
export const listRestricted = async (broadcastId: string): Promise<Restriction[]> =>
  (await operateSignedIn('get', `${base}/broadcasts/{id}/chat-restrictions`, { params: { id: broadcastId } })).items

/** What was done in the chat, newest first. */
export const listChatActs = async (broadcastId: string): Promise<ChatAct[]> =>
  (await operateSignedIn('get', `${base}/broadcasts/{id}/chat-acts`, { params: { id: broadcastId } })).items

/** Tells the seller and the platform of a message. */
export const reportMessage = (broadcastId: string, chatId: string, reason: ChatReport['reason']): Promise<unknown> =>
  operateSignedIn('post', `${base}/broadcasts/{id}/chat/{chatId}/reports`, {
    params: { id: broadcastId, chatId },
    body: { reason },
  })

/** Reported messages that wait for a decision: of the seller's shows, or for an admin of all. */
export const listReports = async (): Promise<ChatReport[]> =>
  (await operateSignedIn('get', `${base}/chat-reports`, {})).items

export const decideReport = (id: string, decision: 'removed' | 'kept'): Promise<unknown> =>
  operateSignedIn('put', `${base}/chat-reports/{id}/decision`, { params: { id }, body: { decision } })

/** What the seller lets nobody write. */
export const readChatRules = (): Promise<ChatRules> => operateSignedIn('get', `${base}/chat-rules`, {})

export const setChatRules = (body: ChatRules): Promise<ChatRules> =>
  operateSignedIn('put', `${base}/chat-rules`, { body })

/** Answers that the seller keeps ready. */
export const readChatAnswers = (): Promise<ChatAnswers> => operateSignedIn('get', `${base}/chat-answers`, {})

/** Sets all of them, at the revision that was read. @throws {ApiProblem} code `answers_changed`. */
export const setChatAnswers = (body: ChatAnswers): Promise<ChatAnswers> =>
  operateSignedIn('put', `${base}/chat-answers`, { body })

/** Who keeps the seller's chats in order, and who is asked to. */
export const listModerators = (): Promise<ChatModerators> => operateSignedIn('get', `${base}/chat-moderators`, {})

/** Has an account keep the seller's chats. @throws {ApiProblem} code `not_found`, `too_many_moderators`. */
export const nameModerator = (id: string): Promise<unknown> =>
  operateSignedIn('put', `${base}/chat-moderators/{id}`, { params: { id } })

export const dismissModerator = (id: string): Promise<unknown> =>
  operateSignedIn('delete', `${base}/chat-moderators/{id}`, { params: { id } })

/** Asks whoever reads an e-mail address. @throws {ApiProblem} code `too_many_moderators`. */
export const inviteModerator = (email: string): Promise<unknown> =>
  operateSignedIn('post', `${base}/chat-moderator-invites`, { body: { email } })

/** Withdraws an invite, or says no to one. */
export const dropInvite = (id: string): Promise<unknown> =>
  operateSignedIn('delete', `${base}/chat-moderator-invites/{id}`, { params: { id } })

export const acceptInvite = (id: string): Promise<unknown> =>
  operateSignedIn('post', `${base}/chat-moderator-invites/{id}/acceptance`, { params: { id } })

/** Sellers whose chats the account keeps, and who asks it to. */
export const listModerated = (): Promise<ChatModerating> => operateSignedIn('get', `${base}/chat-moderating`, {})

export const stopModerating = (sellerId: string): Promise<unknown> =>
  operateSignedIn('delete', `${base}/chat-moderating/{id}`, { params: { id: sellerId } })
