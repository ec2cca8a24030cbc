import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientAddresses } from './client-address.ts'

const cdn = new ClientAddresses(['198.51.100.0/24', '2001:db8:c::/48'])
const nobody = new ClientAddresses()

const clients: [from: string, addresses: ClientAddresses, forwardedFor: string | undefined, client: string][] = [
  ['a connection', nobody, undefined, '192.0.2.1'],
  ['an ingress', nobody, '203.0.113.9', '203.0.113.9'],
  ['what a viewer made up, and an ingress', nobody, '1.1.1.1, 203.0.113.9', '203.0.113.9'],
  ['a trusted CDN', cdn, '203.0.113.9, 198.51.100.7', '203.0.113.9'],
  [
    'two trusted CDNs and what a viewer made up',
    cdn,
    '1.1.1.1,203.0.113.9 , 2001:db8:c:1::1,198.51.100.7',
    '203.0.113.9',
  ],
  ['a trusted CDN that says nothing', cdn, '198.51.100.7', '198.51.100.7'],
  ['a CDN that nobody trusts', nobody, '203.0.113.9, 198.51.100.7', '198.51.100.7'],
  ['IPv4 over IPv6', nobody, '::ffff:203.0.113.9', '203.0.113.9'],
]
for (const [from, addresses, forwardedFor, client] of clients)
  test(`the client behind ${from} is ${client}`, () => {
    assert.equal(addresses.clientOf(forwardedFor, '192.0.2.1'), client)
  })

const blocks: [address: string, block: string | undefined][] = [
  ['203.0.113.9', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:02::6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
  ['10.42.0.1', undefined], // a node's or a Pod's: all viewers of a cluster that translates addresses have it
  ['100.64.3.4', undefined],
  ['127.0.0.1', undefined],
  ['fd00::1', undefined],
  ['198.51.100.7', undefined], // the CDN's own
  ['', undefined],
  ['unknown', undefined],
]
for (const [address, block] of blocks)
  test(`${address || 'no address'} is counted ${block === undefined ? 'in no block' : `in ${block}`}`, () => {
    assert.equal(cdn.blockOf(address), block)
  })

test('what is no block of addresses is refused by name', () => {
  for (const wrong of ['198.51.100.7', 'cdn.example/24', '198.51.100.0/40', ''])
    assert.throws(() => new ClientAddresses([wrong]), RangeError)
})
