/** A header of the PROXY protocol, version 2, as a load balancer writes it, or as none should. */
export function proxyHeaderV2(
  options: {
    version?: number
    command?: number
    family?: number
    source?: Buffer
    more?: Buffer
    length?: number
  } = {},
): Buffer {
  const { version = 2, command = 1, source, more = Buffer.alloc(0) } = options
  const family = options.family ?? (source?.length === 16 ? 0x21 : 0x11)
  const addresses =
    source === undefined ? Buffer.alloc(0) : Buffer.concat([source, Buffer.alloc(source.length, 1), Buffer.alloc(4, 2)])
  const rest = Buffer.concat([addresses, more])
  const fixed = Buffer.from('0d0a0d0a000d0a515549540a00000000', 'hex')
  fixed[12] = (version << 4) | command
  fixed[13] = family
  fixed.writeUInt16BE(options.length ?? rest.length, 14)
  return Buffer.concat([fixed, rest])
}
