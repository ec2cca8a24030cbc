/** The components that have Pods: where their values are, and the object that makes the Pods. */
import assert from 'node:assert/strict'
import { objectsOf, podsOf, renderValues, type PodTemplate } from './helm.ts'

export const components = {
  commerce: { at: ['commerce'], owner: 'Deployment/mytaek1-commerce' },
  payment: { at: ['payment'], owner: 'Deployment/mytaek1-payment' },
  storefront: { at: ['storefront'], owner: 'Deployment/mytaek1-storefront' },
  operator: { at: ['operator'], owner: 'Deployment/mytaek1-operator' },
  ingest: { at: ['ingest'], owner: 'Deployment/mytaek1-ingest' },
  edge: { at: ['edge'], owner: 'Deployment/mytaek1-edge' },
  door: { at: ['edge', 'door'], owner: 'Deployment/mytaek1-door' },
  simulator: { at: ['payment', 'simulator'], owner: 'Deployment/mytaek1-simulator' },
  'mail-sink': { at: ['mail', 'sink'], owner: 'Deployment/mytaek1-mail-sink' },
  stream: { at: ['stream'], owner: 'ConfigMap/mytaek1-stream-template' },
  mariadb: { at: ['mariadb'], owner: 'StatefulSet/mytaek1-mariadb' },
  redis: { at: ['redis'], owner: 'StatefulSet/mytaek1-redis' },
  s3: { at: ['s3'], owner: 'StatefulSet/mytaek1-s3' },
} as const

/** The name of one. */
export type Component = keyof typeof components

/** Their names. */
export const componentNames = Object.keys(components) as Component[]

/** Everything that may be switched on is, so that each component has its Pods. */
export const everything = { edge: { door: { enabled: true } }, mail: { sink: { enabled: true } } }

/** Whose Pods a component's settings are, where it is not that of its name alone: Jobs are of the component whose image they run. */
const owners: Readonly<Record<string, RegExp>> = {
  commerce: /commerce/,
  payment: /payment/,
  operator: /operator|secrets/,
}

/** Whether a Pod, by the object that makes it, has the settings of a component. */
export function isOf(component: Component, owner: string): boolean {
  return (owners[component] ?? new RegExp(`${component}(-template)?$`)).test(owner)
}

/** Values for one component, at its place; whatever is switched on stays so. */
export function valuesOf(component: Component, values: object): object {
  return merged(
    everything,
    [...components[component].at].reduceRight<object>((inner, key) => ({ [key]: inner }), values),
  )
}

/** Every Pod that is rendered with these values, by the object that makes it. */
export async function podsWith(values: object): Promise<Map<string, PodTemplate>> {
  return podsOf(objectsOf(await renderValues(values)))
}

/** The Pod of a component that is rendered with these values. */
export async function podOf(component: Component, values: object): Promise<PodTemplate> {
  const { owner } = components[component]
  const pod = (await podsWith(values)).get(owner)
  assert.ok(pod, `${owner} is not rendered`)
  return pod
}

/** Objects laid over each other; lists and words of the second replace. */
export function merged(one: object, other: object): object {
  const both: Record<string, unknown> = { ...one }
  for (const [key, value] of Object.entries(other)) {
    const before = both[key]
    both[key] = isObject(before) && isObject(value) ? merged(before, value) : value
  }
  return both
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
