import type { Knex } from 'knex'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { refused } from './answers.ts'
import { revokeStreamKey, rotateStreamKey, type KeyChanged } from './change-stream-key.ts'
import { rotatedKeyShape } from './schema.ts'

/** What these endpoints need. */
export interface StreamKeyDeps {
  db: Knex
  keyChanged: KeyChanged
  clock: () => Date
}

/** A seller's own stream key. */
export function streamKeyRoutes({ db, keyChanged, clock }: StreamKeyDeps): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/stream-key/rotate',
      summary: 'A new stream key, shown this once; a live session on the old one ends',
      access: ['seller', 'admin'],
      responses: {
        200: { description: 'The new key', schema: rotatedKeyShape },
        403: { description: '`forbidden`' },
        ...refused,
      },
      handle: async ({ caller }) => {
        const streamKey = await rotateStreamKey({ db, keyChanged, now: clock() }, caller.sub)
        return { status: 200, body: { streamKey }, headers: { 'cache-control': 'no-store' } }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/stream-key',
      summary: 'Revoke the stream key; nothing can be published until it is rotated',
      access: ['seller', 'admin'],
      responses: { 204: { description: 'Revoked' }, 403: { description: '`forbidden`' }, ...refused },
      handle: async ({ caller }) => {
        await revokeStreamKey({ db, keyChanged, now: clock() }, caller.sub)
        return { status: 204 }
      },
    }),
  ]
}
