import { ProductPage } from './product-page.tsx'
import { SearchPage } from './search-page.tsx'
import { SellerPage } from './seller-page.tsx'

/** The pages of products and sellers, loaded together: who comes to one goes to another. */
export function CataloguePages({ products, sellers }: { products?: string; sellers?: string }) {
  if (products !== undefined) return <ProductPage key={products} id={products} />
  if (sellers !== undefined) return <SellerPage key={sellers} id={sellers} />
  return <SearchPage />
}
