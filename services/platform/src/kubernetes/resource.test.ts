import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathOf } from './resource.ts'

const pods = { apiVersion: 'v1', plural: 'pods' }

test('a path names one object, or a collection where no name is given', () => {
  assert.equal(pathOf(pods, { namespace: 'shop', name: 'a' }), '/api/v1/namespaces/shop/pods/a')
  assert.equal(pathOf(pods, { namespace: 'shop' }), '/api/v1/namespaces/shop/pods')
})

test('an empty name addresses nothing: its path would be that of the collection', () => {
  assert.throws(() => pathOf(pods, { namespace: 'shop', name: '' }), RangeError)
  assert.throws(() => pathOf(pods, { namespace: '', name: 'a' }), RangeError)
})
