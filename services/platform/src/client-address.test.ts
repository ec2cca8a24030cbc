import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientBlock } from './client-address.ts'

const blocks: [address: string, block: string][] = [
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['2001:db8:1::203.0.113.7', '2001:db8:1:0::/64'],
  ['unknown', 'unknown'],
]
for (const [address, block] of blocks) {
  test(`${address} counts as ${block}`, () => assert.equal(clientBlock(address), block))
}
