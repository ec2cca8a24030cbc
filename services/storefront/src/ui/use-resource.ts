import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

/** Something read from a service, kept fresh while the page shows it. */
export interface Resource<T> {
  value: T | undefined
  /** Of the last reading; an older value stays on screen beside it. */
  error: unknown
  reload: () => void
}

/**
 * Reads on mount, when `key` changes, on `reload()`, and every `everyMs` while the page is visible.
 *
 * @param read gets a signal that is aborted when the page is left.
 */
export function useResource<T>(
  read: (signal: AbortSignal) => Promise<T>,
  { key = '', everyMs }: { key?: string; everyMs?: number } = {},
): Resource<T> {
  const [state, setState] = useState<{ value: T | undefined; error: unknown }>({ value: undefined, error: undefined })
  const [round, setRound] = useState(0)
  const latest = useRef(read)
  latest.current = read
  const reload = useCallback(() => setRound((count) => count + 1), [])

  useEffect(() => {
    const abort = new AbortController()
    let reading = false
    const once = async () => {
      if (reading) return // a slow service is not asked the same again meanwhile
      reading = true
      try {
        const value = await latest.current(abort.signal)
        if (!abort.signal.aborted) setState({ value, error: undefined })
      } catch (error) {
        if (!abort.signal.aborted) setState((before) => ({ value: before.value, error }))
      } finally {
        reading = false
      }
    }
    void once() // keeps its own failure
    const onTick = () => {
      if (document.visibilityState === 'visible') void once()
    }
    const timer = everyMs === undefined ? undefined : setInterval(onTick, everyMs)
    return () => {
      abort.abort()
      clearInterval(timer)
    }
  }, [key, round, everyMs])

  return { ...state, reload }
}
