/** What a Broadcast object should say, by the rows; pure. */
import { labels, liveApi, type Broadcast as BroadcastObject } from '@mytaek1/contracts/broadcast-resource.ts'
import type { BroadcastState } from './broadcast-state.ts'

/** On every object that commerce makes; commerce looks at no others, so a platform team may apply its own beside them. */
export const managedBy = Object.freeze({ 'app.kubernetes.io/managed-by': 'mytaek1-commerce' })

/** The rows' side of one broadcast. */
export interface DesiredBroadcast {
  id: string
  sellerId: string
  title: string
  state: BroadcastState
  streamKeySha256: string
  recording: boolean // as it was created; later the object's own
  objectCreated: boolean
}

/** What has to be done to the object; `update` is a merge patch of the spec. */
export type ObjectAction = { type: 'none' } | { type: 'create'; body: object } | { type: 'update'; spec: object }

/**
 * Compares rows and object. Only the title, the key's hash and the state are the rows'; ladder, windows and, once it is
 * made, recording belong to whoever edits the object. An object that was made and is gone stays gone (`follow-objects.ts` says why).
 */
export function decideObject(row: DesiredBroadcast, object: BroadcastObject | undefined): ObjectAction {
  if (row.state === 'scheduled') return { type: 'none' }
  if (object === undefined) {
    return row.state === 'ended' || row.objectCreated ? { type: 'none' } : { type: 'create', body: newObject(row) }
  }
  // an ended object cannot be opened again, a deleted one not be kept; only the rows can still follow
  if (object.metadata.deletionTimestamp !== undefined || object.spec.state === 'Ended') return { type: 'none' }
  if (row.state === 'ended') return { type: 'update', spec: { state: 'Ended' } }
  const spec = {
    ...(object.spec.title === row.title ? {} : { title: row.title }),
    ...(object.spec.streamKey.sha256 === row.streamKeySha256
      ? {}
      : { streamKey: { sha256: row.streamKeySha256, secretRef: null } }),
  }
  return Object.keys(spec).length === 0 ? { type: 'none' } : { type: 'update', spec }
}

function newObject(row: DesiredBroadcast): object {
  return {
    apiVersion: liveApi.apiVersion,
    kind: 'Broadcast',
    metadata: { name: row.id, labels: { [labels.name]: 'mytaek1', ...managedBy } },
    spec: {
      title: row.title,
      seller: row.sellerId,
      streamKey: { sha256: row.streamKeySha256 },
      state: 'Open',
      recording: row.recording,
    },
  }
}
