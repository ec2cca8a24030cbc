import type { ShowReport } from '../api/report.ts'

const from = Date.UTC(2026, 0, 1, 11)
const won = (amount: number) => ({ amount, currency: 'KRW' })

/** Half an hour of a show that went well. */
export const showReport: ShowReport = {
  minutes: Array.from({ length: 30 }, (_, minute) => {
    const orders = minute % 7 === 3 ? 9 : minute % 3
    return {
      at: new Date(from + minute * 60_000).toISOString(),
      viewers: Math.round(900 + 500 * Math.sin(minute / 6)),
      orders,
      units: orders,
      sales: orders === 0 ? [] : [won(orders * 19_900)],
    }
  }),
  peakViewers: 1_400,
  hearts: 5_210,
  orders: 58,
  units: 63,
  buyers: 55,
  conversion: 55 / 1_400,
  sales: [won(1_154_200)],
  refunded: [won(19_900)],
  shipping: [won(42_000)],
  discounts: [won(30_000)],
  products: [
    { productId: 'p-tangerine', name: '제주 노지 감귤 5kg 산지 직송', units: 41, sales: won(815_900) },
    { productId: 'p-honey', name: '야생화 꿀 500g', units: 22, sales: won(528_000) },
  ],
}
