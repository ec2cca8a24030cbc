import { Model, snakeCaseMappers } from 'objection'

/**
 * Something a seller sells, or a variant of it: the row of what is ordered. How many are left is not here: stock has its own
 * row, which orders lock.
 */
export class Product extends Model {
  static override tableName = 'products'
  static override columnNameMappers = snakeCaseMappers()
  declare id: string
  declare sellerId: string
  declare name: string
  declare description: string
  declare priceAmount: number // minor units
  declare priceCurrency: string
  declare imageId: string | null
  declare revision: number // grows when name, image or price change
  declare requiresShipping: boolean | number // MariaDB answers 0 or 1; false: nothing is sent, and no address is asked for
  declare listed: boolean | number // MariaDB answers 0 or 1
  declare options: string | null // JSON; null: it has none, and is ordered itself; see variant.ts
  declare variantOf: string | null // null: it is a product
  declare variantPosition: number | null // null of a variant: on sale no more
  declare variantValues: string | null // JSON
  declare sku: string | null
  declare draft: boolean | number // of one that is listed it says nothing
  declare category: string | null
  declare createdAt: Date
  declare updatedAt: Date
}

/** Whether only its seller may see a product. */
export const isDraft = ({ draft, listed }: Pick<Product, 'draft' | 'listed'>) => Boolean(draft) && !listed
