/** The calls of commerce's API about following sellers, and hearts. */
import type { Answer } from './operation.ts'
import { ApiProblem } from './problem.ts'
import { operate, operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

export type Follow = Answer<'get', '/api/commerce/v1/follows'>['items'][number]

/** Whether the signed-in account follows a seller, and how; null: it does not. */
export async function readFollow(sellerId: string): Promise<Follow | null> {
  try {
    return await operateSignedIn('get', `${base}/follows/{id}`, { params: { id: sellerId } })
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null
    throw error
  }
}

/** Follows a seller; `notify`: a mail is wanted when a show begins. @throws {ApiProblem} code `too_many_followed`. */
export const follow = (sellerId: string, notify: boolean): Promise<Follow> =>
  operateSignedIn('put', `${base}/follows/{id}`, { params: { id: sellerId }, body: { notify } })

/** Follows a seller no more. */
export const unfollow = (sellerId: string): Promise<unknown> =>
  operateSignedIn('delete', `${base}/follows/{id}`, { params: { id: sellerId } })

/** Whom the account follows, the last first. */
export const listFollows = async (): Promise<Follow[]> =>
  (await operateSignedIn('get', `${base}/follows`, { query: { limit: 100 } })).items

/** Wants no more mails, by the link of one. @throws {ApiProblem} code `link_ended`. */
export const stopMails = (token: string): Promise<unknown> => operate('post', `${base}/mail-stops`, { body: { token } })

/** Gives hearts; answers how many the show has. @throws {ApiProblem} code `rate_limited`. */
export async function giveHearts(broadcastId: string, hearts: number): Promise<number> {
  return (
    await operateSignedIn('post', `${base}/broadcasts/{id}/hearts`, { params: { id: broadcastId }, body: { hearts } })
  ).hearts
}
