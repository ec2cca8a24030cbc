import { useRef, useState } from 'preact/hooks'

/** A deed that a control starts: one at a time, its failure kept to be shown. */
export interface Action<A extends unknown[]> {
  run: (...args: A) => void
  busy: boolean
  error: unknown
}

/** Wraps an async deed for a button or form: a second press while it runs does nothing. */
export function useAction<A extends unknown[]>(deed: (...args: A) => Promise<void>): Action<A> {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: undefined })
  const running = useRef(false)
  const run = (...args: A) => {
    if (running.current) return
    running.current = true
    setState({ busy: true, error: undefined })
    deed(...args)
      .then(
        () => setState({ busy: false, error: undefined }),
        (error: unknown) => setState({ busy: false, error: error ?? new Error('failed') }),
      )
      .finally(() => {
        running.current = false
      })
  }
  return { run, ...state }
}
