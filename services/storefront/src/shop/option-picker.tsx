import { useId } from 'preact/hooks'
import type { Variants } from '../api/model.ts'
import { testIds } from '../testing/test-ids.ts'
import { optionText } from './option-texts.ts'
import { choose, valueState } from './variant-choice.ts'

/** Chooses a value of each option, in turn; what cannot be chosen, or is to be waited for, says why. */
export function OptionPicker({
  options,
  variants,
  chosen,
  disabled,
  onChange,
}: Variants & {
  chosen: readonly string[]
  disabled: boolean
  onChange: (chosen: readonly string[]) => void
}) {
  const name = useId()
  return (
    <div class="stack options">
      {options.map((option, index) => (
        <fieldset key={option.name} class="option" disabled={disabled || index > chosen.length}>
          <legend>{option.name}</legend>
          <div class="option-values">
            {option.values.map((value) => {
              const state = valueState(variants, chosen, { option: index, value })
              return (
                <label key={value} class="option-value" data-state={state}>
                  <input
                    type="radio"
                    name={`${name}-${index}`}
                    value={value}
                    checked={chosen[index] === value}
                    disabled={state === 'missing' && chosen[index] !== value}
                    data-testid={testIds.optionValue(index, value)}
                    onChange={() => onChange(choose(variants, chosen, { option: index, value }))}
                  />
                  <span>
                    {value}
                    {state !== 'there' && index <= chosen.length && <small> {optionText(`option.${state}`)}</small>}
                  </span>
                </label>
              )
            })}
          </div>
        </fieldset>
      ))}
    </div>
  )
}
