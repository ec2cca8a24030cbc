import { Model, snakeCaseMappers } from 'objection'
import type { BroadcastState } from './broadcast-state.ts'

/** A seller's show: what viewers see of it. The encoder's side of it is the Broadcast object of the same name. */
export class Broadcast extends Model {
  static override tableName = 'broadcasts'
  static override columnNameMappers = snakeCaseMappers()
  declare id: string
  declare sellerId: string
  declare title: string
  declare state: BroadcastState
  declare imageId: string | null
  declare pinnedProductId: string | null
  declare pinnedAt: Date | null
  declare pins: string | null
  declare pinsAt: Date | null
  declare trayRevision: number
  declare hearts: number
  declare scheduledAt: Date | null
  declare openedAt: Date | null
  declare liveAt: Date | null
  declare endedAt: Date | null
  declare endedBy: EndedBy | null
  declare refusal: string | null
  declare recording: boolean | number // MariaDB answers 0 or 1
  declare listed: boolean | number // false: shown to who has its address, in no list
  declare objectCreated: boolean | number
  declare objectVersion: number
  declare createdAt: Date
}

/** Who or what ended a broadcast; `refused`: a rule of the platform team did not let it begin. */
export const endings = ['seller', 'admin', 'object_ended', 'object_deleted', 'refused'] as const
export type EndedBy = (typeof endings)[number]
