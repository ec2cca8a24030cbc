import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of the pages of products and sellers: they come with those pages, for what everybody loads has a limit. */
const en = {
  'product.missing': 'There is no such product.',
  'product.pictures': 'Pictures',
  'product.picture': 'Picture {place} of {count}',
  'product.description': 'About it',
  'product.offSale': 'Not on sale any more',
  'product.seller': 'Seller',
  'product.shows': 'In these shows',
  'product.delivery': 'Is sent to you',
  'product.noDelivery': 'Nothing is sent',
  'seller.missing': 'There is no such seller.',
  'seller.products': 'Products',
  'seller.live': 'Live and coming up',
  'seller.replays': 'Watch again',
  'seller.none': 'Nothing is on sale now.',
  'seller.business': 'Business',
  'seller.noBusiness': 'The seller has not said whose business this is.',
  'seller.page': 'All of this seller',
  'search.title': 'Products',
  'search.label': 'Search for products',
  'search.do': 'Search',
  'search.category': 'Category',
  'search.all': 'All',
  'search.sort': 'Order',
  'search.newest': 'Newest first',
  'search.cheapest': 'Lowest price first',
  'search.dearest': 'Highest price first',
  'search.none': 'Nothing found. Try fewer or other words.',
  'search.found': '{count} products shown',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  'product.missing': '없는 상품입니다.',
  'product.pictures': '상품 사진',
  'product.picture': '사진 {count}장 중 {place}번째',
  'product.description': '상품 설명',
  'product.offSale': '판매가 끝난 상품입니다',
  'product.seller': '판매자',
  'product.shows': '이 상품이 나오는 방송',
  'product.delivery': '배송되는 상품',
  'product.noDelivery': '배송이 필요 없는 상품',
  'seller.missing': '없는 판매자입니다.',
  'seller.products': '상품',
  'seller.live': '방송 중 · 방송 예정',
  'seller.replays': '다시보기',
  'seller.none': '지금 판매 중인 상품이 없습니다.',
  'seller.business': '사업자 정보',
  'seller.noBusiness': '판매자가 사업자 정보를 등록하지 않았습니다.',
  'seller.page': '판매자의 모든 상품',
  'search.title': '상품 찾기',
  'search.label': '상품 검색',
  'search.do': '검색',
  'search.category': '카테고리',
  'search.all': '전체',
  'search.sort': '정렬',
  'search.newest': '최신순',
  'search.cheapest': '낮은 가격순',
  'search.dearest': '높은 가격순',
  'search.none': '찾는 상품이 없습니다. 검색어를 줄이거나 바꿔 보세요.',
  'search.found': '상품 {count}개 표시',
}

/** A text of the pages of products and sellers in the visitor's language. */
export const shopText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
