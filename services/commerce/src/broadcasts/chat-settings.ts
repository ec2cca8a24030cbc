import { chatNoticeShape, type ChatSettings } from '@mytaek1/contracts/live-events.ts'

/** Columns of `broadcast_chats`; none of them, or nulls, where nothing was ever set. */
export interface SettingsRow {
  revision: number | null
  frozen: number | null
  slow_seconds: number | null
  notice: string | null
}

/** How a show's chat is set, as screens are told. */
export function settingsOf(row: SettingsRow | undefined): ChatSettings {
  return {
    revision: row?.revision ?? 0,
    frozen: row?.frozen === 1,
    slowSeconds: row?.slow_seconds ?? 0,
    notice: row?.notice ? chatNoticeShape.parse(JSON.parse(row.notice)) : null,
  }
}
