import type { InputHTMLAttributes, TargetedEvent } from 'preact'
import { useId } from 'preact/hooks'

// A turned wheel scrolls the page; over a focused number the browser would change what was typed.
const leaveAlone = ({ currentTarget }: TargetedEvent<HTMLInputElement>) =>
  currentTarget.closest<HTMLElement>('[tabindex="-1"]')?.focus({ preventScroll: true })

/** A labelled input with an optional hint and error, tied together for screen readers (WCAG 1.3.1, 3.3.1, 3.3.2). */
export function Field({
  label,
  hint,
  error,
  testId,
  multiline,
  ...input
}: {
  label: string
  hint?: string
  error?: string
  testId: string
  multiline?: boolean
} & InputHTMLAttributes) {
  const id = useId()
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  const shared = {
    id,
    'data-testid': testId,
    'aria-describedby': described === '' ? undefined : described,
    'aria-invalid': error === undefined ? undefined : true,
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {multiline ? (
        <textarea {...shared} name={input.name} rows={3} maxLength={input.maxLength}>
          {input.defaultValue as string}
        </textarea>
      ) : (
        <input {...input} {...shared} onWheel={input.type === 'number' ? leaveAlone : undefined} />
      )}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  )
}
