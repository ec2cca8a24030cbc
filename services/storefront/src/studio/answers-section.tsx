import { useRef, useState } from 'preact/hooks'
import { readChatAnswers, setChatAnswers, type ChatAnswers } from '../api/chat.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readChosen } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { answerText } from './answer-texts.ts'

const answersMax = 30
const longestTitle = 30
const longestText = 200

/** What a seller keeps ready for the chat, to be written and put in order. */
export function AnswersSection() {
  const kept = useResource(readChatAnswers)
  return (
    <section class="panel stack" aria-labelledby="answers-title" tabIndex={-1}>
      <h2 id="answers-title">{answerText('title')}</h2>
      <p class="muted small">{answerText('hint', { most: answersMax })}</p>
      <ErrorNote error={kept.error} />
      {kept.value && <AnswersForm kept={kept.value} />}
    </section>
  )
}

function AnswersForm({ kept }: { kept: ChatAnswers }) {
  const [rows, setRows] = useState(() => kept.items.map((item, key) => ({ ...item, key })))
  const nextKey = useRef(rows.length)
  const revision = useRef(kept.revision)
  const [saved, setSaved] = useState(false)
  const save = useAction(async (form: HTMLFormElement) => {
    setSaved(false)
    const texts = readChosen(form, 'text')
    const items = readChosen(form, 'title').map((title, index) => ({ title, text: texts[index] ?? '' }))
    revision.current = (await setChatAnswers({ revision: revision.current, items })).revision
    setSaved(true)
  })
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        save.run(event.currentTarget)
      }}
    >
      {rows.length === 0 && <p class="muted">{answerText('none')}</p>}
      {rows.map(({ key, title, text }, index) => (
        <div key={key} class="row row-even row-wrap">
          <Field
            label={answerText('button', { n: index + 1 })}
            name="title"
            defaultValue={title}
            maxLength={longestTitle}
            required
            autocomplete="off"
            testId={testIds.answerTitle(index)}
          />
          <Field
            label={answerText('text', { n: index + 1 })}
            name="text"
            defaultValue={text}
            maxLength={longestText}
            required
            autocomplete="off"
            testId={testIds.answerText(index)}
          />
          <button
            type="button"
            class="link-button"
            aria-label={answerText('removeOf', { title: title || `${index + 1}` })}
            data-testid={testIds.answerRemove(index)}
            onClick={() => setRows(rows.filter((row) => row.key !== key))}
          >
            {answerText('remove')}
          </button>
        </div>
      ))}
      <div class="row">
        {rows.length < answersMax && (
          <button
            type="button"
            class="button button-quiet"
            data-testid={testIds.answerAdd}
            onClick={() => setRows([...rows, { title: '', text: '', key: nextKey.current++ }])}
          >
            {answerText('add')}
          </button>
        )}
        <button type="submit" class="button" disabled={save.busy} data-testid={testIds.answersSave}>
          {t('common.save')}
        </button>
      </div>
      <p role="status">{saved && answerText('saved')}</p>
      <ErrorNote error={save.error} />
    </form>
  )
}
