import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isAlreadyExists, isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { secrets } from '../kubernetes/api.ts'
import { newValues, type Recipe } from './recipe.ts'

const encode = (values: ReadonlyMap<string, string>) =>
  Object.fromEntries([...values].map(([key, value]) => [key, Buffer.from(value).toString('base64')]))

/**
 * Makes one Secret, or brings it up to date; answers the names of the keys that were written. Two at once make one: the second one finds
 * the first one's, and adds only to the version that it read.
 *
 * @throws {KubernetesError} the apiserver refuses, or somebody else changed it meanwhile
 */
export async function keepSecret(options: {
  api: KubernetesApi
  namespace: string
  recipe: Recipe
}): Promise<string[]> {
  const { api, namespace, recipe } = options
  const { name, labels, annotations, keys } = recipe
  const found = await api.get(secrets, { namespace, name }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })
  const held = Object.entries(found?.data ?? {}).map(
    ([key, text]) => [key, Buffer.from(text, 'base64').toString()] as const,
  )
  const made = newValues(keys, new Map(held))
  if (made.size === 0) return []
  const data = encode(made)
  if (found) {
    const body = { metadata: { resourceVersion: found.metadata.resourceVersion }, data }
    await api.patch(secrets, { namespace, name }, { type: 'merge', body })
    return [...made.keys()]
  }
  try {
    const metadata = { name, labels, annotations }
    await api.create(secrets, { namespace }, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data })
    return [...made.keys()]
  } catch (error) {
    if (isAlreadyExists(error)) return await keepSecret(options)
    throw error
  }
}
