import { useState } from 'preact/hooks'
import { type Action, useAction } from './use-action.ts'

/**
 * An action on something that the server tells: from the press until it is told anew the control shows what was wished, and does
 * not spring back meanwhile.
 *
 * @param told what was told last; another object once it is told anew.
 * @param deed asks the server; when it fails nothing is wished any more.
 */
export function useWish<W>(
  told: unknown,
  deed: (wish: W) => Promise<unknown>,
): Action<[W]> & { wished: W | undefined } {
  const [kept, keep] = useState<{ told: unknown; wish: W }>()
  const action = useAction(async (wish: W) => {
    keep({ told, wish })
    try {
      await deed(wish)
    } catch (error) {
      keep(undefined)
      throw error
    }
  })
  return { ...action, wished: kept?.told === told ? kept?.wish : undefined }
}
