import type { Broadcast } from '../api/model.ts'
import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { CopyButton } from '../ui/copy-button.tsx'

const en = {
  make: 'A rehearsal: in no list, and nobody is told of it',
  badge: 'Rehearsal',
  note: 'In no list. Who has its address can watch and buy.',
  copy: 'Copy the address',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  make: '리허설: 목록에 보이지 않고 알림도 보내지 않습니다',
  badge: '리허설',
  note: '목록에 보이지 않습니다. 주소를 아는 사람은 보고 구매할 수 있습니다.',
  copy: '주소 복사',
}

/** A text of rehearsals in the visitor's language; they come with the studio's code. */
export const rehearsalText = (key: keyof typeof en): string => fill((locale.value === 'ko' ? ko : en)[key], {})

/** Says of a show that is in no list that it is one, and gives its address to whoever is to see it; nothing of others. */
export function RehearsalNote({ broadcast: { id, listed } }: { broadcast: Broadcast }) {
  if (listed !== false) return null // a commerce of the version before tells none
  return (
    <div class="row row-wrap small" data-testid={testIds.rehearsal(id)}>
      <span class="badge">{rehearsalText('badge')}</span>
      <span class="muted">{rehearsalText('note')}</span>
      <CopyButton text={new URL(`/watch/${id}`, location.href).href} label={rehearsalText('copy')} />
    </div>
  )
}
