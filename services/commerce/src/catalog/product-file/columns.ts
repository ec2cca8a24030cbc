/** The columns of a file of products, and what may stand in them. Pure. */
import { z } from 'zod'
import { categoryIds } from '@mytaek1/contracts/categories.ts'
import { currencies } from '@mytaek1/contracts/currencies.ts'
import { idShape } from '../../ids.ts'
import { descriptionShape, nameShape } from '../schema.ts'
import { optionTextShape, maxStock, skuShape } from '../variant-schema.ts'

/** Takes a category or a limit away; an empty cell leaves what is. */
export const none = 'none'

export const productStates = ['draft', 'on_sale', 'hidden'] as const

/** What is written for words of ours in a file with Korean names. */
const koreanWords: Readonly<Record<string, string>> = {
  draft: '임시저장',
  on_sale: '판매중',
  hidden: '숨김',
  yes: '예',
  no: '아니오',
  none: '없음',
}
const wordsOfKorean = new Map(Object.entries(koreanWords).map(([word, korean]) => [korean, word]))

const withoutSeparators = (text: string) =>
  /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
const ownWord = (text: string) => wordsOfKorean.get(text.replaceAll(' ', '')) ?? text.toLowerCase()
const word = (words: readonly string[]) => z.string().transform(ownWord).pipe(z.enum(words))
const number = z.string().transform(withoutSeparators)
const wholeNumber = (min: number) =>
  number.pipe(z.string().regex(/^\d{1,7}$/)).refine((text) => Number(text) >= min && Number(text) <= maxStock)

// in the order in which they are written
const definitions = {
  productId: { en: 'product_id', ko: '상품번호', shape: idShape },
  variantId: { en: 'variant_id', ko: '옵션번호', shape: idShape },
  sku: { en: 'sku', ko: '관리코드', shape: skuShape },
  name: { en: 'name', ko: '상품명', shape: nameShape },
  option1: { en: 'option1', ko: '옵션1', shape: optionTextShape },
  value1: { en: 'value1', ko: '옵션값1', shape: optionTextShape },
  option2: { en: 'option2', ko: '옵션2', shape: optionTextShape },
  value2: { en: 'value2', ko: '옵션값2', shape: optionTextShape },
  option3: { en: 'option3', ko: '옵션3', shape: optionTextShape },
  value3: { en: 'value3', ko: '옵션값3', shape: optionTextShape },
  currency: {
    en: 'currency',
    ko: '통화',
    shape: z
      .string()
      .toUpperCase()
      .refine((code) => currencies.has(code)),
  },
  price: { en: 'price', ko: '가격', shape: number.pipe(z.string().regex(/^\d{1,13}(?:\.\d{1,4})?$/)) },
  stock: { en: 'stock', ko: '재고', shape: wholeNumber(0) },
  stockBase: { en: 'stock_as_exported', ko: '내보낸재고', shape: z.string().regex(/^\d{1,10}@\d{1,16}$/) },
  category: { en: 'category', ko: '카테고리', shape: word([...categoryIds, none]) },
  state: { en: 'state', ko: '상태', shape: word(productStates) },
  requiresShipping: { en: 'requires_shipping', ko: '배송필요', shape: word(['yes', 'no']) },
  limitPerBuyer: { en: 'limit_per_buyer', ko: '1인한도', shape: z.union([word([none]), wholeNumber(1)]) },
  description: { en: 'description', ko: '설명', shape: descriptionShape },
} as const

export type Column = keyof typeof definitions
export type FileLanguage = 'en' | 'ko'

export const columns = Object.keys(definitions) as Column[]

/** What a row says, as text in one form; of what it does not say there is nothing. */
export type Cells = Partial<Record<Column, string>>

export const optionColumns = ['option1', 'option2', 'option3'] as const
export const valueColumns = ['value1', 'value2', 'value3'] as const

/** The name of a column in a file. */
export const columnName = (column: Column, language: FileLanguage = 'en') => definitions[column][language]

/** The column that a header names; case and spaces do not count. */
export const columnNamed = (name: string): Column | undefined => columnsByName.get(plain(name))

const plain = (name: string) => name.normalize('NFC').replaceAll(/[\s_]/g, '').toLowerCase()
const columnsByName = new Map(
  columns.flatMap((column) => [definitions[column].en, definitions[column].ko].map((name) => [plain(name), column])),
)

/** What a cell says in one form; undefined: it may not stand there. */
export function readCell(column: Column, text: string): string | undefined {
  const read: z.ZodSafeParseResult<string> = definitions[column].shape.safeParse(text)
  return read.success ? read.data : undefined
}

const wordColumns: ReadonlySet<Column> = new Set(['state', 'requiresShipping'])

/** What is written in a cell, in words of the language. */
export const writtenCell = (column: Column, text: string, language: FileLanguage): string =>
  (language === 'ko' && wordColumns.has(column) ? koreanWords[text] : undefined) ?? text
