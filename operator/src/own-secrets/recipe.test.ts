import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { test } from 'node:test'
import { newValues, recipes, type Recipe } from './recipe.ts'

const keys: Recipe['keys'] = {
  password: { random: 32 },
  key: { privateKey: 'ed25519' },
  url: { text: 'mysql://shop:$(password)@db:3306/shop' },
}
const made = (held: [string, string][] = []) => newValues(keys, new Map(held))

test('passwords are letters and digits of the length asked for, and never the same', () => {
  const [one, two] = [made().get('password') ?? '', made().get('password') ?? '']
  assert.match(one, /^[A-Za-z0-9]{32}$/)
  assert.notEqual(one, two)
})

test('a private key is one that Node reads', () =>
  assert.equal(createPrivateKey(made().get('key') ?? '').asymmetricKeyType, 'ed25519'))

test('a text has the values of the keys before it', () => {
  const values = made()
  assert.equal(values.get('url'), `mysql://shop:${values.get('password')}@db:3306/shop`)
})

test('what is held stays, what is missing or empty is made, from what is held', () => {
  const values = made([
    ['password', 'old'],
    ['key', ''],
    ['theirs', 'x'],
  ])
  assert.deepEqual([...values.keys()], ['key', 'url'])
  assert.equal(values.get('url'), 'mysql://shop:old@db:3306/shop')
})

test('a text follows what it is made of', () => {
  const held = new Map([
    ['password', 'old'],
    ['urls', 'redis://:old@a'],
  ])
  const grown = { password: { random: 32 }, urls: { text: 'redis://:$(password)@a,redis://:$(password)@b' } }
  assert.deepEqual([...newValues(grown, held)], [['urls', 'redis://:old@a,redis://:old@b']])
})

test('a text that names a key after it, and a recipe that nobody knows, are errors', () => {
  assert.throws(() => newValues({ url: { text: '$(later)' }, later: { random: 32 } }, new Map()), /later/)
  const recipe = { name: 'a', labels: {}, annotations: {} }
  assert.throws(() => recipes.parse([{ ...recipe, keys: { password: { random: 4 } } }]))
  assert.throws(() => recipes.parse([{ ...recipe, keys: { password: { constant: 'secret' } } }]))
})
