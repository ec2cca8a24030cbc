import type { ImportFault } from '../api/product-files.ts'
import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of product files: they come with the studio, for what everybody loads has a limit. */
const en = {
  title: 'Products as a file (CSV)',
  save: 'Save all products as CSV',
  saving: 'Writing…',
  choose: 'Change or add products by a file',
  hint: 'Up to 5,000 rows and 2 MB, UTF-8 or as Excel saves it. First you see what it would do. Stock is taken as a difference to what was exported, so what sells meanwhile stays sold. Nothing is deleted, and an empty cell changes nothing.',
  looking: 'Reading {done} of {inFile} products…',
  writing: 'Saving {done} of {inFile} products…',
  looked:
    '{create} rows make something new, {change} change something, {same} change nothing, {refused} are refused. Nothing is saved yet.',
  written:
    '{create} rows made something new, {change} changed something, {same} changed nothing, {refused} were refused.',
  unread: 'The file cannot be read. Nothing was saved.',
  apply: 'Save what is not refused',
  line: 'Line {line}',
  more: 'and {count} rows more',
  create: 'new',
  change: 'changed',
  refused: 'refused',
  from: '{column}: {from} → {to}',
  'rule.encoding': 'Its characters are in no encoding that is known. Save it as “CSV UTF-8”.',
  'rule.encoding_unclear': 'Its characters can be read in two ways. Save it as “CSV UTF-8”.',
  'rule.quotes': 'A quotation mark is not closed, or stands in the middle of a cell.',
  'rule.row_too_long': 'The row is too long.',
  'rule.too_many_rows': 'There are more than {hint} rows. Split the file.',
  'rule.no_rows': 'There are no rows.',
  'rule.unknown_column': 'There is no such column. Compare it with a saved file.',
  'rule.repeated_column': 'This column is there twice.',
  'rule.missing_column': 'One of these columns is needed: {hint}',
  'rule.extra_cells': 'Cell {hint} has no column.',
  'rule.value': '“{hint}” is not taken here.',
  'rule.required': 'Is needed.',
  'rule.not_found': 'You have no such product or variant: {hint}',
  'rule.repeated': 'Is in line {hint} already.',
  'rule.differs': 'Says something else than line {hint}.',
  'rule.currency': 'The product is sold in {hint}.',
  'rule.sku_taken': 'Another product of yours has this code. {hint}',
  'rule.options': 'The product’s options are {hint}.',
  'rule.values': 'That variant is {hint}.',
  'rule.no_options': 'The product has no options. They are made in the studio.',
  'rule.variant_required': 'Name a variant by its number, code or values.',
  'rule.too_many_variants': 'More variants or values than a product can have. {hint}',
  'rule.stock_base': 'Stock needs the cell stock_as_exported as it was saved. Save a new file.',
  'rule.stock_too_large': 'More units than a product can have.',
  'rule.not_draft': 'What was shown once is no draft any more.',
  'rule.other_line': 'Not saved because of line {hint}, which is of the same product.',
}

type Key = keyof typeof en

const ko: Readonly<Record<Key, string>> = {
  title: '상품 파일 (CSV)',
  save: '모든 상품을 CSV로 저장',
  saving: '만드는 중…',
  choose: '파일로 상품 수정·등록',
  hint: '5,000행, 2MB까지. UTF-8이나 엑셀에서 저장한 CSV를 그대로 올리세요. 저장하기 전에 바뀔 내용을 먼저 보여 드립니다. 재고는 내보낸 값과의 차이만큼 바뀌므로 그사이 팔린 수량은 그대로입니다. 삭제되는 것은 없고, 빈 칸은 바뀌지 않습니다.',
  looking: '상품 {inFile}개 중 {done}개 확인 중…',
  writing: '상품 {inFile}개 중 {done}개 저장 중…',
  looked: '새로 등록 {create}행, 수정 {change}행, 변경 없음 {same}행, 거절 {refused}행. 아직 저장하지 않았습니다.',
  written: '새로 등록 {create}행, 수정 {change}행, 변경 없음 {same}행, 거절 {refused}행.',
  unread: '파일을 읽을 수 없습니다. 저장한 내용이 없습니다.',
  apply: '거절된 행을 빼고 저장',
  line: '{line}번째 줄',
  more: '그 밖에 {count}행',
  create: '신규',
  change: '수정',
  refused: '거절',
  from: '{column}: {from} → {to}',
  'rule.encoding': '알 수 없는 문자 인코딩입니다. “CSV UTF-8”로 저장해 주세요.',
  'rule.encoding_unclear': '문자 인코딩이 두 가지로 읽힙니다. “CSV UTF-8”로 저장해 주세요.',
  'rule.quotes': '따옴표가 닫히지 않았거나 칸 중간에 있습니다.',
  'rule.row_too_long': '행이 너무 깁니다.',
  'rule.too_many_rows': '{hint}행이 넘습니다. 파일을 나눠 주세요.',
  'rule.no_rows': '행이 없습니다.',
  'rule.unknown_column': '없는 열입니다. 저장한 파일과 비교해 주세요.',
  'rule.repeated_column': '같은 열이 두 번 있습니다.',
  'rule.missing_column': '다음 중 한 열이 필요합니다: {hint}',
  'rule.extra_cells': '{hint}번째 칸에 해당하는 열이 없습니다.',
  'rule.value': '“{hint}”은(는) 넣을 수 없는 값입니다.',
  'rule.required': '필요한 값입니다.',
  'rule.not_found': '내 상품이나 옵션이 아닙니다: {hint}',
  'rule.repeated': '{hint}번째 줄에 이미 있습니다.',
  'rule.differs': '{hint}번째 줄과 다릅니다.',
  'rule.currency': '이 상품의 통화는 {hint}입니다.',
  'rule.sku_taken': '다른 상품에서 사용 중인 관리 코드입니다. {hint}',
  'rule.options': '이 상품의 옵션은 {hint}입니다.',
  'rule.values': '이 옵션 상품은 {hint}입니다.',
  'rule.no_options': '옵션이 없는 상품입니다. 옵션은 스튜디오에서 만들 수 있습니다.',
  'rule.variant_required': '옵션번호, 관리코드, 옵션값 중 하나로 옵션을 지정해 주세요.',
  'rule.too_many_variants': '상품에 둘 수 있는 옵션 수를 넘었습니다. {hint}',
  'rule.stock_base': '재고를 바꾸려면 저장한 파일의 ‘내보낸재고’ 칸이 그대로 있어야 합니다. 파일을 새로 저장해 주세요.',
  'rule.stock_too_large': '상품 재고로 둘 수 있는 수량을 넘었습니다.',
  'rule.not_draft': '한 번 공개한 상품은 임시저장으로 되돌릴 수 없습니다.',
  'rule.other_line': '같은 상품의 {hint}번째 줄 때문에 저장하지 않았습니다.',
}

/** A text of product files in the visitor's language. */
export const fileText = (key: Key, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)

/** Why something is refused, and where. */
export function faultText({ column, rule, hint }: ImportFault): string {
  const reason = fileText(`rule.${rule}`, { hint }).trim()
  return column === null ? reason : `${columnText(column)}: ${reason}`
}

/** A column as the visitor's file names it. */
export const columnText = (column: string): string =>
  locale.value === 'ko' ? (koreanColumns[column] ?? column) : column

const koreanColumns: Readonly<Record<string, string>> = {
  product_id: '상품번호',
  variant_id: '옵션번호',
  sku: '관리코드',
  name: '상품명',
  option1: '옵션1',
  value1: '옵션값1',
  option2: '옵션2',
  value2: '옵션값2',
  option3: '옵션3',
  value3: '옵션값3',
  currency: '통화',
  price: '가격',
  stock: '재고',
  stock_as_exported: '내보낸재고',
  category: '카테고리',
  state: '상태',
  requires_shipping: '배송필요',
  limit_per_buyer: '1인한도',
  description: '설명',
}
