import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { staffRefusals } from './moderation-routes.ts'
import { decideReport, listReports } from './reports.ts'
import type { ChatDeps } from './chat-deps.ts'
import { decisionShape, presentReport, reportPageShape, reportParams, reportsQuery } from './schema.ts'

const staff = ['seller', 'admin'] as const

/** The queue of reported messages. */
export function reportRoutes({ db, redis, announce, clock, limits }: ChatDeps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/chat-reports',
      summary: 'Reported messages of the caller’s shows, or for an admin of all, newest first',
      access: staff,
      query: reportsQuery,
      responses: { 200: { description: 'One page', schema: reportPageShape }, 401: staffRefusals[401] },
      handle: async ({ query, caller }) => {
        const { items, nextCursor } = await listReports(db, caller, query)
        return { status: 200, body: { items: items.map(presentReport), nextCursor } }
      },
    }),
    endpoint({
      method: 'put',
      path: '/chat-reports/{id}/decision',
      summary: 'Take the message away, or leave it; a report that was decided stays so',
      access: staff,
      params: reportParams,
      body: decisionShape,
      responses: {
        204: { description: 'Decided' },
        400: { description: '`invalid_request`' },
        401: staffRefusals[401],
        404: { description: '`not_found`: no such report, or another seller’s' },
        429: staffRefusals[429],
        503: { description: '`chat_unavailable`' },
      },
      handle: async ({ params, body, caller }) => {
        await limits.moderate.consume(caller.sub)
        const deps = { db, redis, announce, now: clock() }
        await decideReport(deps, caller, { reportId: params.id, decision: body.decision })
        return { status: 204 }
      },
    }),
  ]
}
