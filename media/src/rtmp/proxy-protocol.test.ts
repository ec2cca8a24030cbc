import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ProxyHeaderError, readProxyHeader } from './proxy-protocol.ts'
import { proxyHeaderV2 } from './testing/proxy-header.ts'

const after = Buffer.from([3, 0, 0, 0]) // the beginning of RTMP's handshake
const v1 = (line: string) => Buffer.from(`${line}\r\n`)
const ipv6 = Buffer.from('20010db8000000000000000000000001', 'hex')

const headers: [what: string, header: Buffer, source: string | undefined][] = [
  ['version 1, IPv4', v1('PROXY TCP4 192.0.2.7 198.51.100.1 56324 1935'), '192.0.2.7'],
  ['version 1, IPv6', v1('PROXY TCP6 2001:db8::1 2001:db8::2 1 65535'), '2001:db8::1'],
  [
    'version 1, as long as it can be',
    v1(`PROXY TCP6 ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535`),
    `${'ffff:'.repeat(7)}ffff`,
  ],
  ['version 1 that knows nobody', v1('PROXY UNKNOWN'), undefined],
  ['version 1 that says nothing of use', v1(`PROXY UNKNOWN ${'f'.repeat(91)}`), undefined],
  ['version 2, IPv4', proxyHeaderV2({ source: Buffer.from([192, 0, 2, 7]) }), '192.0.2.7'],
  ['version 2, IPv6', proxyHeaderV2({ source: ipv6 }), '2001:db8::1'],
  [
    'version 2, IPv4 within IPv6',
    proxyHeaderV2({ source: Buffer.from('00000000000000000000ffffc0000207', 'hex') }),
    '192.0.2.7',
  ],
  [
    'version 2 with more than addresses',
    proxyHeaderV2({
      source: Buffer.from([192, 0, 2, 7]),
      more: Buffer.from('ea0015017670636531323334353637383930616263646566', 'hex'),
    }),
    '192.0.2.7',
  ],
  ['version 2, LOCAL', proxyHeaderV2({ command: 0, family: 0 }), undefined],
  [
    'version 2, LOCAL with addresses that do not count',
    proxyHeaderV2({ command: 0, source: Buffer.from([192, 0, 2, 7]) }),
    undefined,
  ],
  ['version 2 that knows no family', proxyHeaderV2({ family: 0 }), undefined],
]
for (const [what, header, source] of headers)
  test(`${what}: of ${source ?? 'the proxy itself'}, whole only with its last byte, and not a byte more is taken`, () => {
    for (let length = 0; length < header.length; length += 1)
      assert.equal(readProxyHeader(header.subarray(0, length)), undefined, `${length} bytes`)
    assert.deepEqual(readProxyHeader(header), { bytes: header.length, source })
    assert.deepEqual(readProxyHeader(Buffer.concat([header, after])), { bytes: header.length, source })
  })

suite('refused, by its rule', () => {
  const wrong: [what: string, bytes: Buffer, says: RegExp][] = [
    ['RTMP', Buffer.from([3]), /begins as neither version/],
    ['TLS', Buffer.from('160301', 'hex'), /begins as neither version/],
    ['HTTP', Buffer.from('P0ST / HTTP/1.1'), /begins as neither version/],
    ['a signature that breaks off', Buffer.from('0d0a0d0a000d0a51554955', 'hex'), /begins as neither version/],
    ['a line without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(96)}`), /no end within 107 bytes/],
    ['a line that ends a byte too late', v1(`PROXY UNKNOWN ${'f'.repeat(92)}`), /no end within 107 bytes/],
    ['a family of version 1', v1('PROXY UDP4 192.0.2.7 198.51.100.1 1 2'), /not TCP4, TCP6 or UNKNOWN/],
    [
      'what every object has is no family',
      v1('PROXY constructor 192.0.2.7 198.51.100.1 1 2'),
      /not TCP4, TCP6 or UNKNOWN/,
    ],
    ['IPv6 as TCP4', v1('PROXY TCP4 2001:db8::1 198.51.100.1 1 2'), /not two addresses/],
    ['a name for an address', v1('PROXY TCP4 localhost 198.51.100.1 1 2'), /not two addresses/],
    ['an address with a zone', v1('PROXY TCP6 fe80::1%eth0 2001:db8::2 1 2'), /not two addresses/],
    ['two spaces', v1('PROXY TCP4  192.0.2.7 198.51.100.1 1 2'), /not two addresses/],
    ['one port', v1('PROXY TCP4 192.0.2.7 198.51.100.1 1'), /not two ports/],
    ['a port too high', v1('PROXY TCP4 192.0.2.7 198.51.100.1 1 65536'), /not two ports/],
    ['version 3', proxyHeaderV2({ version: 3 }), /version 3 is not known/],
    ['command 2', proxyHeaderV2({ command: 2 }), /command 2 is neither/],
    ['UDP', proxyHeaderV2({ family: 0x12, source: Buffer.from([192, 0, 2, 7]) }), /family 0x12 is not TCP/],
    ['a unix socket', proxyHeaderV2({ family: 0x31, more: Buffer.alloc(216) }), /family 0x31 is not TCP/],
    ['addresses cut short', proxyHeaderV2({ family: 0x11, more: Buffer.alloc(11) }), /11 bytes are too few/],
    [
      'a length of 64 KiB, before any of it came',
      proxyHeaderV2({ family: 0x11, length: 65_535 }),
      /65551 bytes are more than 2048/,
    ],
  ]
  for (const [what, bytes, says] of wrong)
    test(what, () =>
      assert.throws(
        () => readProxyHeader(bytes),
        (error: unknown) => error instanceof ProxyHeaderError && says.test(error.message),
      ),
    )
})
