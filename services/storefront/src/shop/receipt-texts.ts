import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of receipts and of whose business a seller's is: they come with those pages, for what everybody loads has a limit. */
const en = {
  'business.title': 'Your business',
  'business.why': 'Receipts show it, and the law has shops show it.',
  'business.name': 'Business name',
  'business.representative': 'Representative',
  'business.businessNumber': 'Business registration number',
  'business.mailOrderNumber': 'Mail-order registration number',
  'business.address': 'Address',
  'business.phone': 'Phone',
  'business.save': 'Save',
  'business.saved': 'Saved',
  'receipt.seller': 'Seller',
  'receipt.open': 'Receipt',
  'receipt.title': 'Receipt',
  'receipt.none': 'Nothing has been paid for this order.',
  'receipt.order': 'Order',
  'receipt.payment': 'Payment',
  'receipt.date': 'Date',
  'receipt.card': 'Card',
  'receipt.item': 'Product',
  'receipt.count': 'Quantity',
  'receipt.price': 'Price',
  'receipt.sum': 'Amount',
  'receipt.total': 'Paid',
  'receipt.refund': 'Given back, {date}',
  'receipt.left': 'In the end',
  'receipt.print': 'Print',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  'business.title': '사업자 정보',
  'business.why': '영수증과 상품 화면에 표시해야 하는 판매자 정보입니다.',
  'business.name': '상호',
  'business.representative': '대표자',
  'business.businessNumber': '사업자등록번호',
  'business.mailOrderNumber': '통신판매업 신고번호',
  'business.address': '사업장 주소',
  'business.phone': '전화번호',
  'business.save': '저장',
  'business.saved': '저장했습니다',
  'receipt.seller': '판매자',
  'receipt.open': '영수증',
  'receipt.title': '영수증',
  'receipt.none': '이 주문에는 결제 내역이 없습니다.',
  'receipt.order': '주문번호',
  'receipt.payment': '결제번호',
  'receipt.date': '결제 요청 일시',
  'receipt.card': '카드',
  'receipt.item': '상품',
  'receipt.count': '수량',
  'receipt.price': '단가',
  'receipt.sum': '금액',
  'receipt.total': '결제 금액',
  'receipt.refund': '환불 ({date})',
  'receipt.left': '최종 금액',
  'receipt.print': '인쇄',
}

/** A text of receipts and businesses in the visitor's language. */
export const receiptText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
