import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Store, isNewer } from './store.ts'

const object = (name: string, colour: string, resourceVersion = '1') => ({
  metadata: { name, namespace: 'shop', uid: name, resourceVersion },
  colour,
})

test('an object is found by its index until that changes or it is deleted', () => {
  const store = new Store<ReturnType<typeof object>>({ colour: ({ colour }) => [colour] })
  store.set(object('a', 'red'))
  store.set(object('b', 'red'))
  assert.deepEqual(
    store.by('colour', 'red').map(({ metadata }) => metadata.name),
    ['a', 'b'],
  )
  assert.equal(store.count('colour', 'red'), 2)
  assert.equal(store.set(object('a', 'blue'))?.colour, 'red')
  assert.deepEqual(
    store.by('colour', 'red').map(({ metadata }) => metadata.name),
    ['b'],
  )
  store.delete('shop/b')
  assert.deepEqual(store.by('colour', 'red'), [])
  assert.equal(store.count('colour', 'red'), 0)
  assert.equal(store.size, 1)
  assert.throws(() => store.by('size', 'xl'), RangeError)
})

test('resource versions are compared as numbers, not as text', () => {
  assert.ok(isNewer('10', '9'))
  assert.ok(!isNewer('9', '10'))
  assert.ok(!isNewer('10', '10'))
  assert.ok(isNewer('1', ''))
})
