/** What products are filed under: two levels, with names for people. An id, once given, is never given up or changed. */
export interface Category {
  id: string
  ko: string
  en: string
  children: readonly { id: string; ko: string; en: string }[]
}

const group = (id: string, ko: string, en: string, children: Record<string, readonly [ko: string, en: string]>) => ({
  id,
  ko,
  en,
  children: Object.entries(children).map(([child, [koChild, enChild]]) => ({
    id: `${id}-${child}`,
    ko: koChild,
    en: enChild,
  })),
})

/** The tree, in the order in which it is shown. */
export const categories: readonly Category[] = Object.freeze([
  group('fashion', '패션', 'Fashion', {
    women: ['여성 의류', 'Women'],
    men: ['남성 의류', 'Men'],
    shoes: ['신발', 'Shoes'],
    bags: ['가방', 'Bags'],
    accessories: ['액세서리', 'Accessories'],
  }),
  group('beauty', '뷰티', 'Beauty', {
    skincare: ['스킨케어', 'Skin care'],
    makeup: ['메이크업', 'Make-up'],
    hair: ['헤어·바디', 'Hair and body'],
  }),
  group('food', '식품', 'Food', {
    fresh: ['신선식품', 'Fresh'],
    meals: ['간편식', 'Ready meals'],
    snacks: ['간식', 'Snacks'],
    drinks: ['음료·차', 'Drinks and tea'],
    health: ['건강식품', 'Supplements'],
  }),
  group('home', '생활', 'Home', {
    kitchen: ['주방', 'Kitchen'],
    furniture: ['가구·인테리어', 'Furniture'],
    supplies: ['생활용품', 'Supplies'],
    pets: ['반려동물', 'Pets'],
  }),
  group('digital', '디지털·가전', 'Electronics', {
    devices: ['디지털 기기', 'Devices'],
    appliances: ['가전', 'Appliances'],
  }),
  group('kids', '유아동', 'Kids', {
    clothes: ['유아동 의류', 'Clothes'],
    toys: ['완구', 'Toys'],
  }),
  group('leisure', '스포츠·취미', 'Sports and hobbies', {
    sports: ['스포츠', 'Sports'],
    books: ['도서', 'Books'],
    crafts: ['공예', 'Crafts'],
    tickets: ['티켓·수강권', 'Tickets and classes'],
  }),
])

/** Every id that a product may be filed under: a group or one of its children. */
export const categoryIds: readonly string[] = Object.freeze(
  categories.flatMap(({ id, children }) => [id, ...children.map((child) => child.id)]),
)

/** A category with all that is under it. */
export const categoryWithin = (id: string): string[] => [
  id,
  ...(categories.find((each) => each.id === id)?.children.map((child) => child.id) ?? []),
]
