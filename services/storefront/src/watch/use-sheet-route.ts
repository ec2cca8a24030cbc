import { useRef } from 'preact/hooks'
import { useLocation, useSearch } from 'wouter-preact'
import { readSheetRoute, searchWith, type SheetRoute } from './sheet-route.ts'

/** The sheet as a part of the address: a link opens it, a reload keeps it, Back closes it and stays with the show. */
export function useSheetRoute(): { sheet: SheetRoute; open: (next: SheetRoute) => void; close: () => void } {
  const search = useSearch()
  const [path, navigate] = useLocation()
  const sheet = readSheetRoute(search)
  const goesBack = useRef(false) // a busy page takes its time: a second press meanwhile would leave the show
  if (sheet.kind === 'closed') goesBack.current = false
  const open = (next: SheetRoute) => {
    // one entry of the history for whatever is open, so that one Back is enough
    const replace = sheet.kind !== 'closed'
    navigate(path + searchWith(search, next), { replace, state: replace ? history.state : { sheet: true } })
  }
  const close = () => {
    if (sheet.kind === 'closed' || goesBack.current) return
    goesBack.current = wasOpenedHere(history.state)
    if (goesBack.current) history.back()
    else navigate(path + searchWith(search, { kind: 'closed' }), { replace: true }) // a link, or a new tab
  }
  return { sheet, open, close }
}

const wasOpenedHere = (state: unknown) => typeof state === 'object' && state !== null && 'sheet' in state
