import { useId } from 'preact/hooks'
import { categories } from '@mytaek1/contracts/categories.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { catalogueText } from './catalogue-texts.ts'

/** What a product is filed under: groups and what is in them. */
export function CategoryField({ value }: { value: string | null | undefined }) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{catalogueText('category.label')}</label>
      <select id={id} name="category" data-testid={testIds.productCategory} defaultValue={value ?? ''}>
        <option value="" selected={!value}>
          {catalogueText('category.none')}
        </option>
        {categories.map((group) => (
          <optgroup key={group.id} label={group[locale.value]}>
            {[group, ...group.children].map((each) => (
              <option key={each.id} value={each.id} selected={each.id === value}>
                {each[locale.value]}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </div>
  )
}
