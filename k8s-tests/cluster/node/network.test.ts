import assert from 'node:assert/strict'
import test from 'node:test'
import { chooseSlot, networkFor, slotCount } from './network.ts'

test('no two slots share an address, a network or an interface', () => {
  const seen = new Set<string>()
  for (let slot = 0; slot < slotCount; slot++) {
    const { hostInterface, nodeInterface, hostAddress, nodeAddress, loadBalancerCidr, loadBalancerAddresses } =
      networkFor(slot)
    for (const name of [
      hostInterface,
      nodeInterface,
      hostAddress,
      nodeAddress,
      loadBalancerCidr,
      ...loadBalancerAddresses,
    ]) {
      assert.ok(!seen.has(name), `${name} of slot ${slot} is another slot's`)
      seen.add(name)
    }
  }
})

test('every address of every slot lies in 10.233.0.0/16', () => {
  for (const slot of [0, slotCount - 1]) {
    const { hostAddress, loadBalancerAddresses } = networkFor(slot)
    for (const address of [hostAddress, ...loadBalancerAddresses]) {
      assert.match(address, /^10\.233\.\d+\.\d+$/)
      assert.ok(address.split('.').every((part) => Number(part) <= 255))
    }
  }
})

test('an interface name fits the kernel: at most 15 characters', () => {
  assert.ok(networkFor(slotCount - 1).hostInterface.length <= 15)
})

test('a slot outside the range is refused', () => {
  assert.throws(() => networkFor(slotCount), RangeError)
  assert.throws(() => networkFor(-1), RangeError)
})

test('a checkout keeps its slot', () => {
  assert.equal(chooseSlot('aaaaaaaaaa', { 7: 'aaaaaaaaaa' }), 7)
})

test('two checkouts that prefer the same slot get two', () => {
  const first = chooseSlot('00000a0000', {})
  const second = chooseSlot('00000a1111', { [first]: '00000a0000' })
  assert.equal(first, 10)
  assert.equal(second, 11)
})

test('the search for a free slot goes round', () => {
  assert.equal(chooseSlot('00003f0000', { 63: 'other' }), 0)
})

test('a full machine says so', () => {
  const claimed = Object.fromEntries(Array.from({ length: slotCount }, (_, slot) => [slot, `other${slot}`]))
  assert.throws(() => chooseSlot('aaaaaaaaaa', claimed), /all 64 network slots of this machine are taken/)
})
