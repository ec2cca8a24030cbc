import { z } from 'zod'
import { idShape } from '../ids.ts'
import { pageOf } from '../paging.ts'
import type { Follow } from './follow.ts'

export const sellerParams = z.object({ id: idShape })

export const newFollowShape = z
  .strictObject({ notify: z.boolean().describe('whether a mail is wanted when a show begins') })
  .meta({ id: 'NewFollow' })

export const followShape = z
  .object({
    sellerId: z.string(),
    sellerName: z.string(),
    notify: z.boolean(),
    followedAt: z.iso.datetime(),
  })
  .meta({ id: 'Follow' })
export const followPageShape = pageOf(followShape).meta({ id: 'FollowPage' })

export const followersShape = z.object({ followers: z.number().int().min(0) }).meta({ id: 'Followers' })

export const mailStopShape = z
  .strictObject({ token: z.string().min(1).max(200) })
  .meta({ id: 'MailStop', description: 'What the link of a mail has behind #' })

// of these characters alone, for it goes into a header of an answer
export const mailStopParams = z.object({ token: z.string().regex(/^[\w.-]{1,200}$/, 'is no token of a link') })
export const oneClickShape = z
  .object({ 'List-Unsubscribe': z.literal('One-Click') })
  .meta({ id: 'OneClick', description: 'What `List-Unsubscribe-Post` of a mail says (RFC 8058 section 3.2)' })

/** A follow as its account sees it. */
export const presentFollow = ({ followedAt, ...rest }: Follow): z.infer<typeof followShape> => ({
  ...rest,
  followedAt: followedAt.toISOString(),
})
