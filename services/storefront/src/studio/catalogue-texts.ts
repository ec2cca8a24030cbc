import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of the seller's catalogue: they come with the studio, for what everybody loads has a limit. */
const en = {
  'pictures.title': 'Pictures',
  'pictures.hint': 'Up to {count}; the first one leads. JPEG, PNG, WebP or AVIF.',
  'pictures.add': 'Add pictures',
  'pictures.adding': 'Uploading {name}…',
  'pictures.alt': 'What picture {place} shows, for people who do not see it',
  'pictures.forward': 'Move picture {place} forward',
  'pictures.back': 'Move picture {place} back',
  'pictures.remove': 'Remove picture {place}',
  'pictures.moved': 'The picture is number {place} of {count} now.',
  'pictures.removed': 'Removed. {count} left.',
  'pictures.added': 'Added. {count} in all.',
  'pictures.saved': 'Saved.',
  'pictures.failed': '{name}: {reason}',
  'draft.save': 'Draft: only I see it',
  'draft.hint': 'Take the tick away to put it on sale.',
  'draft.badge': 'Draft',
  'copy.do': 'Copy',
  'copy.label': 'Copy {name}',
  'copy.done': 'Copied as a draft: {name}',
  'category.label': 'Category',
  'category.none': 'None',
  'product.page': 'Page of {name}',
  'product.view': 'View page',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  'pictures.title': '사진',
  'pictures.hint': '{count}장까지, 첫 번째가 대표 사진입니다. JPEG, PNG, WebP, AVIF.',
  'pictures.add': '사진 추가',
  'pictures.adding': '{name} 올리는 중…',
  'pictures.alt': '{place}번 사진 설명 (사진을 볼 수 없는 분께)',
  'pictures.forward': '{place}번 사진 앞으로',
  'pictures.back': '{place}번 사진 뒤로',
  'pictures.remove': '{place}번 사진 삭제',
  'pictures.moved': '이제 {count}장 중 {place}번째입니다.',
  'pictures.removed': '삭제했습니다. {count}장 남았습니다.',
  'pictures.added': '추가했습니다. 모두 {count}장입니다.',
  'pictures.saved': '저장했습니다.',
  'pictures.failed': '{name}: {reason}',
  'draft.save': '임시 저장: 나만 볼 수 있음',
  'draft.hint': '체크를 풀고 저장하면 판매를 시작합니다.',
  'draft.badge': '임시 저장',
  'copy.do': '복사',
  'copy.label': '{name} 복사',
  'copy.done': '임시 저장 상품으로 복사했습니다: {name}',
  'category.label': '카테고리',
  'category.none': '없음',
  'product.page': '{name} 상품 페이지',
  'product.view': '상품 페이지',
}

/** A text of the seller's catalogue in the visitor's language. */
export const catalogueText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
