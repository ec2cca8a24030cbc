import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { skaffoldProblems } from './skaffold.ts'

const text = readFileSync(path.resolve(import.meta.dirname, '../skaffold.yaml'), 'utf8')
const images = { commerce: {}, payment: {}, storefront: {}, operator: {}, media: {} }
const problemsOf = (changed: string, isThere = () => true) => skaffoldProblems(changed, { isThere, values: { images } })

test('the skaffold.yaml of this repository has no problem', () => {
  assert.deepEqual(problemsOf(text), [])
})

test('a misspelt field is refused by its place', () => {
  assert.match(
    problemsOf(text.replace('dockerfile: operator', 'dockerFile: operator'))[0] ?? '',
    /artifacts\.3\.docker/,
  )
})

test('an image that is built and not given to the chart is named', () => {
  const problems = problemsOf(text.replace(/ +images\.media\.tag: .*\n/, ''))
  assert.deepEqual(problems, ['setValueTemplates.images.media.tag is absent, not {{.IMAGE_TAG_mytaek1_media}}'])
})

test('a Dockerfile that is not there is named', () => {
  assert.match(problemsOf(text, () => false)[0] ?? '', /services\/commerce\/Dockerfile does not exist/)
})
