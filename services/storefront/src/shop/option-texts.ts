import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts about options: they come with the code that asks for one, for what everybody loads has a limit. */
const en = {
  'option.sold_out': 'sold out',
  'option.missing': 'not made',
  'option.choose': 'Choose {options}',
  'option.from': 'from {price}',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  'option.sold_out': '품절',
  'option.missing': '없는 조합',
  'option.choose': '{options} 선택',
  'option.from': '{price}부터',
}

/** A text about options in the visitor's language. */
export const optionText = (key: keyof typeof en, values: Record<string, string> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
