import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * A modal dialog that comes up over the page, from below or from the side, and keeps focus, Escape and the system's back
 * gesture to itself, as the browser does it. Shown while it is rendered; whoever renders it closes it.
 *
 * @param labelledBy the id of its heading.
 */
export function Sheet({
  labelledBy,
  onClose,
  children,
}: {
  labelledBy: string
  onClose: () => void
  children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const latest = useRef(onClose)
  latest.current = onClose
  useLayoutEffect(() => {
    const element = dialog.current
    if (!element) return undefined
    const onCancel = (event: Event) => {
      event.preventDefault() // it goes with its route
      latest.current()
    }
    const onForced = () => latest.current() // a second Escape closes whatever the page says
    const onPress = (event: Event) => event.target === element && latest.current() // beside it
    element.addEventListener('cancel', onCancel)
    element.addEventListener('close', onForced)
    element.addEventListener('click', onPress)
    element.showModal()
    return () => {
      element.removeEventListener('close', onForced)
      element.close() // before it is taken out: then the focus goes back to what opened it
    }
  }, [])
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby={labelledBy} tabIndex={-1} autofocus>
      <div class="sheet-body">{children}</div>
    </dialog>
  )
}
