import type { BookAddress, Broadcast, Fulfilment, Order, Product, ProductPicture, Variants } from '../api/model.ts'

const time = '2026-01-01T00:00:00.000Z'

/** The little world that the fixture answers from; tests change it and push events. */
export interface FixtureState {
  products: Map<string, Product>
  /** Of products with options, by their ids. */
  variants: Map<string, Variants['variants']>
  /** By product id. */
  pictures: Map<string, ProductPicture[]>
  pictureCount: number
  broadcasts: Broadcast[]
  orders: Map<string, Order>
  /** Orders placed by idempotency key. */
  keys: Map<string, string>
  chat: number
  /** The steps in which product files were taken. */
  imports: { dryRun: boolean; fromLine: number }[]
  addresses: BookAddress[]
  /** The way of orders that are not merely reserved. */
  ways: Map<string, Fulfilment>
}

export function makeProduct(id: string, name: string, amount: number, stock: number): Product {
  const price = { amount, currency: 'KRW' }
  const times = { createdAt: time, updatedAt: time }
  return {
    id,
    sellerId: 'u-seller',
    name,
    description: '',
    price,
    stock,
    version: 1,
    revision: 1,
    limitPerBuyer: null,
    unpaidUnitsPerBuyer: null,
    unpaidOrdersPerBuyer: null,
    deal: null,
    imageUrls: null,
    requiresShipping: true,
    listed: true,
    options: [],
    draft: false,
    category: null,
    ...times,
  }
}

export const makeVariant = (id: string, values: string[], amount: number, stock: number) => ({
  id,
  values,
  price: { amount, currency: 'KRW' },
  stock,
  version: 1,
  revision: 1,
  sku: null,
})

export function makeBroadcast(id: string, title: string, state: Broadcast['state'], products: Product[]): Broadcast {
  return {
    id,
    title,
    state,
    sellerId: 'u-seller',
    sellerName: '제주농장',
    imageUrls: null,
    products,
    hiddenProducts: [],
    trayRevision: 0,
    pinnedProductId: products[0]?.id ?? null,
    pinnedProductIds: products.slice(0, 1).map((product) => product.id),
    viewers: 1_284,
    hearts: 318,
    rtmpUrl: 'rtmp://127.0.0.1:1935/live',
    hlsUrl: `http://127.0.0.1/hls/${id}/index.m3u8`,
    hlsOrigin: null,
    recordingUrl: null,
    openedAt: null,
    liveAt: null,
    endedAt: null,
    endedBy: null,
    refusal: null,
    encoderAdvice: null,
    scheduledAt: state === 'scheduled' ? '2026-12-01T11:00:00.000Z' : null,
    createdAt: time,
  }
}

/** The default address of whoever is signed in. */
export const homeAddress: BookAddress = {
  id: 'adr-1',
  recipient: '김민지',
  phone: '010-1234-5678',
  country: 'KR',
  postalCode: '06236',
  roadAddress: '서울특별시 강남구 테헤란로 152',
  detail: '12층',
  memo: '',
  isDefault: true,
}

/** The way of an order that is only reserved, unless said otherwise. */
export function makeWay(orderId: string, over: Partial<Fulfilment> = {}): Fulfilment {
  return {
    orderId,
    state: null,
    requiresShipping: true,
    address: null,
    carrier: null,
    trackingNumber: null,
    trackingUrl: null,
    paidAt: null,
    shippedAt: null,
    deliveredAt: null,
    endedAt: null,
    confirmsAt: null,
    late: false,
    claims: [],
    mayDo: ['address'],
    ...over,
  }
}

export function makeState(): FixtureState {
  const products = [
    makeProduct('p-tangerine', '제주 노지 감귤 5kg 산지 직송', 19_900, 42),
    makeProduct('p-honey', '야생화 꿀 500g', 24_000, 6),
    makeProduct('p-tea', '유기농 녹차 티백 20입', 12_900, 0),
  ]
  return {
    products: new Map(products.map((product) => [product.id, product])),
    variants: new Map(),
    pictures: new Map(),
    pictureCount: 100,
    broadcasts: [
      makeBroadcast('b-live', '오늘 딴 감귤, 산지에서 바로 보내드려요', 'live', products),
      makeBroadcast('b-open', '겨울 침구 특가전', 'open', []),
      {
        ...makeBroadcast('b-over', '지난 방송 다시보기', 'ended', products),
        recordingUrl: 'http://127.0.0.1/hls/b-over/recording/index.m3u8',
      },
      makeBroadcast('b-soon', '연말 선물 세트 미리보기', 'scheduled', products.slice(1)),
    ],
    orders: new Map(),
    keys: new Map(),
    chat: 0,
    imports: [],
    addresses: [{ ...homeAddress }],
    ways: new Map(),
  }
}

/** Puts a shirt on show that is sold in two colours and two sizes, one combination sold out and one never made. */
export function addShirt({ products, variants, broadcasts }: FixtureState): void {
  const shirt = {
    ...makeProduct('p-shirt', '감물 염색 셔츠', 39_000, 9),
    options: [
      { name: '색상', values: ['감귤색', '먹색'] },
      { name: '사이즈', values: ['M', 'L'] },
    ],
  }
  const shirtVariants = [
    makeVariant('v-1', ['감귤색', 'M'], 39_000, 5),
    makeVariant('v-2', ['감귤색', 'L'], 42_000, 4),
    makeVariant('v-3', ['먹색', 'M'], 39_000, 0),
  ]
  products.set(shirt.id, shirt)
  variants.set(shirt.id, shirtVariants)
  broadcasts[0]?.products.push(shirt)
}
