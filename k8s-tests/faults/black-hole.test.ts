import assert from 'node:assert/strict'
import { test } from 'node:test'
import { portsTo } from './black-hole.ts'

test('the connections to the apiserver are found in /proc/net/tcp', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:2382 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1
   1: 0500F40A:9C40 0100600A:01BB 01 00000000:00000000 02:0000 00000000  1000        0 2 1
   2: 0500F40A:9C41 0100600A:01BB 06 00000000:00000000 02:0000 00000000  1000        0 3 1
   3: 0500F40A:9C42 0A00600A:0035 01 00000000:00000000 02:0000 00000000  1000        0 4 1
`
  assert.deepEqual(portsTo(table, '10.96.0.1', 443), [0x9c40])
})
