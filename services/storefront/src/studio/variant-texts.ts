import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of the seller's grid of variants: they come with its code, for what everybody loads has a limit. */
const en = {
  'variants.title': 'Options',
  'variants.hint': 'Colour, size: what buyers choose by. Without any the product is sold as it is.',
  'variants.add': 'Add an option',
  'variants.remove': 'Remove',
  'variants.name': 'Option {n}',
  'variants.values': 'Its values, with commas between',
  'variants.grid': 'What is sold',
  'variants.stock': 'Stock',
  'variants.price': 'Price',
  'variants.sku': 'Code (SKU)',
  'variants.of': '{label}: {variant}',
  'variants.tooMany': 'A product has 100 combinations at most. Take some values away.',
  'variants.lasting': 'A product that has options keeps some: orders refer to them.',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  'variants.title': '옵션',
  'variants.hint': '색상, 사이즈처럼 구매자가 고르는 항목입니다. 없으면 상품 그대로 판매합니다.',
  'variants.add': '옵션 추가',
  'variants.remove': '삭제',
  'variants.name': '옵션 {n}',
  'variants.values': '값 (쉼표로 구분)',
  'variants.grid': '판매할 조합',
  'variants.stock': '재고',
  'variants.price': '가격',
  'variants.sku': '관리 코드 (SKU)',
  'variants.of': '{variant} {label}',
  'variants.tooMany': '조합은 100개까지 만들 수 있습니다. 값을 줄여 주세요.',
  'variants.lasting': '옵션이 있는 상품은 옵션을 모두 없앨 수 없습니다. 주문에 옵션이 남아 있기 때문입니다.',
}

/** A text about variants in the seller's language. */
export const variantText = (key: keyof typeof en, values: Record<string, string | number> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
