import { titleOf } from '../catalog/variant.ts'
import { csvFile } from '../csv.ts'
import type { SaleView } from './schema.ts'

/** Labels: one line a parcel, with everything that a carrier's program asks for. */
export function labelsFile(sales: readonly SaleView[]): string {
  const header = [
    '주문번호',
    '수령인',
    '전화번호',
    '국가',
    '우편번호',
    '도로명주소',
    '상세주소',
    '배송메모',
    '상품',
    '수량',
  ]
  const rows = sales.flatMap(({ order, fulfilment: { address } }) => {
    if (address === null) return []
    const goods = order.items.map((item) => `${titleOf(item)} × ${item.quantity}`).join(' / ')
    const { recipient, phone, country, postalCode, roadAddress, detail, memo } = address
    return [[order.id, recipient, phone, country, postalCode, roadAddress, detail, memo, goods, order.quantity]]
  })
  return csvFile([header, ...rows])
}

/** The pack list: one line a product of an order, by product, so that whoever packs takes them from the shelf in turn. */
export function packListFile(sales: readonly SaleView[]): string {
  const header = ['상품번호', '상품', '수량', '주문번호', '수령인', '주소']
  const rows = sales.flatMap(({ order, fulfilment }) =>
    order.items.map((item) => {
      const { recipient = '', roadAddress = '' } = fulfilment.address ?? {}
      const missing = fulfilment.requiresShipping && fulfilment.address === null
      return [item.variantId, titleOf(item), item.quantity, order.id, recipient, missing ? '(주소 없음)' : roadAddress]
    }),
  )
  return csvFile([header, ...rows.toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1))])
}
