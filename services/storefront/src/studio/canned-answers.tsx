import { useState } from 'preact/hooks'
import type { ChatAnswer } from '../api/chat.ts'
import { sendChat } from '../api/commerce.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import type { ChatMessage } from '../watch/live-state.ts'
import { answerText } from './answer-texts.ts'

/** The answers that a seller keeps ready: a press says one to everybody, or in reply to a message. */
export function CannedAnswers({
  broadcastId,
  answers,
  replyTo,
  onSaid,
}: {
  broadcastId: string
  answers: readonly ChatAnswer[]
  /** The message that it answers. */
  replyTo?: string
  onSaid: (message: ChatMessage) => void
}) {
  const [said, setSaid] = useState<string>()
  const say = useAction(async ({ title, text }: ChatAnswer) => {
    setSaid(undefined)
    onSaid(await sendChat(broadcastId, { text, ...(replyTo !== undefined && { replyTo }) }))
    setSaid(title)
  })
  if (answers.length === 0) return null
  return (
    <fieldset class="stack" tabIndex={-1}>
      <legend>{answerText(replyTo === undefined ? 'say' : 'reply')}</legend>
      <div class="row row-wrap">
        {answers.map((answer, index) => (
          <button
            key={`${index} ${answer.title}`}
            type="button"
            class="button button-small"
            title={answer.text}
            disabled={say.busy}
            data-testid={testIds.cannedAnswer(index)}
            onClick={() => say.run(answer)}
          >
            {answer.title}
          </button>
        ))}
      </div>
      <p class="small" role="status">
        {said !== undefined && answerText('said', { title: said })}
      </p>
      <ErrorNote error={say.error} />
    </fieldset>
  )
}
