import { z } from 'zod'
import { chatMessageShape, chatSettingsEventShape } from '@mytaek1/contracts/live-events.ts'
import { idShape } from '../ids.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { lineOfText } from '../text.ts'
import { chatActs, type DoneAct } from './acts.ts'
import { answersMax } from './canned-answers.ts'
import { bannedWordsMax } from './chat-rules.ts'
import { restrictionKinds } from './judge-message.ts'
import type { Restricted } from './moderate.ts'
import { reportReasons, reportStates, type Report } from './reports.ts'

const chatIdShape = z.string().min(1).max(40)
const yearSeconds = 31_536_000
const slowestSeconds = 300

export const newChatShape = z
  .strictObject({
    text: lineOfText(1, 200),
    replyTo: chatIdShape.optional().describe('the message that it answers'),
  })
  .meta({ id: 'NewChat' })
/** A message as its author sees it. */
export const chatShape = chatMessageShape.meta({ id: 'ChatMessage' })
export const chatParams = z.object({ id: idShape, chatId: chatIdShape })
export const restrictionParams = z.object({ id: idShape, accountId: idShape })
export const reportParams = z.object({ id: idShape })

export const chatSettingsShape = chatSettingsEventShape.shape.data.meta({ id: 'ChatSettings' })
export const chatSettingsPatchShape = z
  .strictObject({
    frozen: z.boolean().optional().describe('only the seller and staff may write'),
    slowSeconds: z.number().int().min(0).max(slowestSeconds).optional().describe('between two messages of one viewer'),
  })
  .refine(({ frozen, slowSeconds }) => frozen !== undefined || slowSeconds !== undefined, 'must change something')
  .meta({ id: 'ChatSettingsPatch' })
export const newNoticeShape = z
  .strictObject({
    chatId: chatIdShape.optional().describe('a message of the chat'),
    text: lineOfText(1, 200).optional().describe('an announcement'),
  })
  .refine(({ chatId, text }) => chatId === undefined || text === undefined, 'must be a message or an announcement')
  .meta({ id: 'NewChatNotice', description: 'What is to stand over the chat; neither takes away what is there' })

export const chatRulesShape = z
  .strictObject({
    bannedWords: z.array(lineOfText(1, 30)).max(bannedWordsMax),
    links: z.enum(['staff', 'everybody']).describe('who may write links'),
  })
  .meta({ id: 'ChatRules' })

export const cannedAnswersShape = z
  .strictObject({
    revision: z.number().int().min(0).describe('grows with each change; 0: none was ever kept'),
    items: z.array(z.strictObject({ title: lineOfText(1, 30), text: newChatShape.shape.text })).max(answersMax),
  })
  .meta({ id: 'ChatAnswers' })

const moderatorShape = z.object({ accountId: z.string(), displayName: z.string(), namedAt: z.iso.datetime() })
export const moderatorsShape = z
  .object({
    items: z.array(moderatorShape),
    invites: z.array(z.object({ id: z.string(), email: z.string(), invitedAt: z.iso.datetime() })),
  })
  .meta({ id: 'ChatModerators' })
export const newInviteShape = z.strictObject({ email: z.email().max(254) }).meta({ id: 'NewChatModeratorInvite' })
const moderatedSellerShape = z.object({ sellerId: z.string(), sellerName: z.string() })
export const moderatedShape = z
  .object({
    items: z.array(moderatedSellerShape.extend({ namedAt: z.iso.datetime() })),
    invites: z.array(moderatedSellerShape.extend({ id: z.string(), invitedAt: z.iso.datetime() })),
  })
  .meta({ id: 'ChatModerating' })

export const newRestrictionShape = z
  .strictObject({
    kind: z.enum(restrictionKinds).describe('`ban` also takes away what was said; `shadow`: only its author sees it'),
    seconds: z.number().int().min(1).max(yearSeconds).nullable().describe('for how long; null: for good'),
  })
  .meta({ id: 'NewChatRestriction' })
export const restrictedShape = z
  .object({
    items: z.array(
      z.object({
        accountId: z.string(),
        displayName: z.string(),
        kind: z.enum(restrictionKinds),
        until: z.iso.datetime().nullable(),
        madeAt: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'ChatRestrictions' })

export const newReportShape = z.strictObject({ reason: z.enum(reportReasons) }).meta({ id: 'NewChatReport' })
export const reportsQuery = z.object({ state: z.enum(reportStates).default('open'), ...pageQuery })
export const decisionShape = z
  .strictObject({ decision: z.enum(['removed', 'kept']) })
  .meta({ id: 'ChatReportDecision' })
const reportShape = z
  .object({
    id: z.string(),
    broadcastId: z.string(),
    chatId: z.string(),
    authorId: z.string(),
    authorName: z.string(),
    text: z.string(),
    reason: z.enum(reportReasons).describe('of who reported it first'),
    state: z.enum(reportStates),
    reporters: z.number().int().min(0),
    reportedAt: z.iso.datetime(),
    decidedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ChatReport' })
export const reportPageShape = pageOf(reportShape).meta({ id: 'ChatReportPage' })

export const actPageShape = pageOf(
  z.object({
    at: z.iso.datetime(),
    actorId: z.string(),
    actorRole: z.string(),
    act: z.enum(chatActs),
    accountId: z.string().nullable().describe('whom it was done to'),
    details: z.string(),
  }),
).meta({ id: 'ChatActPage' })

/** A restriction as the desk sees it. */
export const presentRestricted = ({ until, madeAt, ...rest }: Restricted) => ({
  ...rest,
  until: until?.toISOString() ?? null,
  madeAt: madeAt.toISOString(),
})

/** A report as the queue shows it. */
export const presentReport = ({ reportedAt, decidedAt, ...rest }: Report): z.infer<typeof reportShape> => ({
  ...rest,
  reportedAt: reportedAt.toISOString(),
  decidedAt: decidedAt?.toISOString() ?? null,
})

/** A deed as the record shows it. */
export const presentAct = ({ at, actorId, actorRole, act, accountId, details }: DoneAct) => ({
  at: at.toISOString(),
  actorId,
  actorRole,
  act,
  accountId,
  details,
})
