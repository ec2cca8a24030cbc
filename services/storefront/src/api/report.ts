/** What became of a show, for its seller. */
import type { Answer } from './operation.ts'
import { operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

export type ShowReport = Answer<'get', '/api/commerce/v1/broadcasts/{id}/report'>

export const readReport = (id: string): Promise<ShowReport> =>
  operateSignedIn('get', `${base}/broadcasts/{id}/report`, { params: { id } })

/** What was said, as the text of a CSV file. */
export async function readChatFile(id: string): Promise<string> {
  const text: unknown = await operateSignedIn('get', `${base}/broadcasts/{id}/chat-file`, { params: { id } })
  return String(text)
}
