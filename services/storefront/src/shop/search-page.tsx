import { useLocation, useSearch } from 'wouter-preact'
import { categories } from '@mytaek1/contracts/categories.ts'
import { productSorts, searchProducts, toCategory, type ProductSort } from '../api/catalogue.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { readText } from '../ui/form-values.ts'
import { useTitle } from '../ui/use-title.ts'
import { shopText } from './catalogue-texts.ts'
import { FoundProducts } from './found-products.tsx'
// oxlint-disable-next-line import/no-unassigned-import -- styles that come with this page
import '../styles/catalogue.css'

/** `/search?q=&category=&sort=`: products by words, category and order; the address says it all. */
export function SearchPage() {
  const search = new URLSearchParams(useSearch())
  const [, navigate] = useLocation()
  const q = search.get('q') ?? ''
  const category = toCategory(search.get('category') ?? '')
  const sort = productSorts.find((each) => each === search.get('sort')) ?? 'newest'
  useTitle(q === '' ? shopText('search.title') : q)
  const go = (form: HTMLFormElement) => {
    const asked = new URLSearchParams()
    for (const name of ['q', 'category', 'sort']) {
      const value = readText(form, name)
      if (value !== '' && value !== 'newest') asked.set(name, value)
    }
    navigate(asked.size === 0 ? '/search' : `/search?${asked}`)
  }
  const query = {
    ...(q === '' ? {} : { q }),
    ...(category === undefined ? {} : { category }),
    ...(sort === 'newest' ? {} : { sort }),
  }
  return (
    <div class="page">
      <h1>{shopText('search.title')}</h1>
      <form
        role="search"
        class="search-form field"
        data-testid={testIds.searchForm}
        onSubmit={(event) => {
          event.preventDefault()
          go(event.currentTarget)
        }}
        onChange={({ currentTarget, target }) => target instanceof HTMLSelectElement && go(currentTarget)}
      >
        <input
          key={q}
          type="search"
          name="q"
          maxLength={100}
          defaultValue={q}
          aria-label={shopText('search.label')}
          placeholder={shopText('search.label')}
          data-testid={testIds.searchInput}
        />
        <button type="submit" class="button button-primary">
          {shopText('search.do')}
        </button>
        <select name="category" aria-label={shopText('search.category')} data-testid={testIds.searchCategory}>
          <option value="" selected={category === undefined}>
            {shopText('search.category')}: {shopText('search.all')}
          </option>
          {categories.map((group) => (
            <optgroup key={group.id} label={group[locale.value]}>
              {[group, ...group.children].map((each) => (
                <option key={each.id} value={each.id} selected={each.id === category}>
                  {each[locale.value]}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
        <select name="sort" aria-label={shopText('search.sort')} data-testid={testIds.searchSort}>
          {productSorts.map((each: ProductSort) => (
            <option key={each} value={each} selected={each === sort}>
              {shopText(`search.${each}`)}
            </option>
          ))}
        </select>
      </form>
      <FoundProducts
        key={JSON.stringify(query)}
        read={(cursor) => searchProducts({ ...query, cursor })}
        heading="h2"
        none={shopText('search.none')}
      />
    </div>
  )
}
