/** Objects that the apiserver alone must take or refuse, by the rules of templates/crds. */
import { encoderPresets } from '@mytaek1/contracts/broadcast-resource.ts'

/** `fields` lies over the plain spec; `name`, when given, is the object's name. */
export interface Case {
  readonly what: string
  readonly name?: string
  readonly fields?: Readonly<Record<string, unknown>>
}

/** A case that is refused with a message that says so. */
export interface RefusedCase extends Case {
  readonly says: RegExp
}

/** A change of an accepted object. */
export interface Change {
  readonly what: string
  readonly from?: Readonly<Record<string, unknown>>
  readonly to: Readonly<Record<string, unknown>>
  readonly says?: RegExp
}

const sha256 = 'a'.repeat(64)
const rung = (height: number, bitrateBps = 1_000_000) => ({ height, bitrateBps })

/** The spec that cases are laid over. */
export const plainSpec = Object.freeze({ title: 'Autumn coats', seller: 's-1', streamKey: { sha256 } })

const field = (fields: Record<string, unknown>, what = JSON.stringify(fields)): Case => ({ what, fields })
const wrong = (fields: Record<string, unknown>, says: RegExp, what = JSON.stringify(fields)): RefusedCase => ({
  what,
  fields,
  says,
})

const durations = (name: string, good: readonly string[]): Case[] => good.map((value) => field({ [name]: value }))
const badDurations = (name: string, bad: readonly unknown[]): RefusedCase[] =>
  bad.map((value) => wrong({ [name]: value }, new RegExp(name)))

/** Accepted. */
export const validBroadcasts: readonly Case[] = [
  { what: 'title, seller and a key are enough' },
  ...['a', '0', 'b-abcdefghij0123456789', 'x'.repeat(63), '1-2', 'a--b'].map((name) => ({
    what: `name ${name}`,
    name,
  })),
  ...['a', 'x'.repeat(200), '가을 코트 라이브 방송', '🧥🧣', ' spaced ', '<b>&"\'', '한'.repeat(200)].map((title) =>
    field({ title }),
  ),
  ...['1', 'S', 'seller_1', 'a.b', 'A-b_c.9', 'x'.repeat(63)].map((seller) => field({ seller })),
  ...['0'.repeat(64), 'f'.repeat(64), '0123456789abcdef'.repeat(4)].map((value) =>
    field({ streamKey: { sha256: value } }),
  ),
  ...[
    { name: 'key', key: 'streamKey' },
    { name: 'a.b-c', key: 'stream_key.txt' },
    { name: 'x'.repeat(253), key: 'k'.repeat(253) },
    { name: '0', key: '0' },
  ].map((secretRef) => field({ streamKey: { secretRef } }, `secretRef ${secretRef.name.slice(0, 10)}`)),
  ...['Open', 'Ended'].map((state) => field({ state })),
  ...['Low', 'Ultra'].map((latency) => field({ latency })),
  ...[true, false].map((recording) => field({ recording })),
  ...durations('dvrWindow', ['1m', '60s', '10m', '1h', '90m', '6h', '360m', '21600s', '1h30m', '5h59m60s', '0h1m']),
  ...durations('reconnectWindow', ['0s', '1s', '60s', '1m', '1m30s', '30m', '1800s', '0h0m0s', '0h30m']),
  ...[
    [],
    [rung(144)],
    [rung(2160)],
    [rung(480, 100_000)],
    [rung(480, 20_000_000)],
    [rung(720), rung(480), rung(360)],
    [rung(1080), rung(720), rung(540), rung(480), rung(360), rung(240)],
    [rung(240), rung(1080)],
    [rung(146)],
  ].map((ladder) => field({ ladder })),
  ...encoderPresets.map((encoderPreset) => field({ encoderPreset })),
  field(
    {
      state: 'Open',
      latency: 'Ultra',
      ladder: [rung(480)],
      encoderPreset: 'fast',
      dvrWindow: '2h',
      reconnectWindow: '0s',
      recording: true,
    },
    'all fields',
  ),
]

/** Refused, with the rule in the message. */
export const invalidBroadcasts: readonly RefusedCase[] = [
  ...['x'.repeat(64), 'a.b', 'b-1.2.3'].map((name) => ({
    what: `name ${name.slice(0, 20)}`,
    name,
    says: /metadata\.name/,
  })),
  ...['A', 'a_b', '-a', 'a-', 'a b', '방송', ''].map((name) => ({ what: `name "${name}"`, name, says: /name/ })),
  ...['title', 'seller', 'streamKey'].map((name) =>
    wrong({ [name]: undefined }, new RegExp(`spec\\.${name}: Required`), `no ${name}`),
  ),
  ...['', 'x'.repeat(201), '한'.repeat(201), 1, true, null, {}, ['x']].map((title) => wrong({ title }, /spec\.title/)),
  ...['', 'a b', '-a', 'a-', '.a', 'a/b', 'a@b', '판매자', 'x'.repeat(64), 1].map((seller) =>
    wrong({ seller }, /spec\.seller/),
  ),
  ...[
    '',
    'a'.repeat(63),
    'a'.repeat(65),
    'A'.repeat(64),
    'g'.repeat(64),
    `${'a'.repeat(63)} `,
    `sha256:${sha256}`,
    1,
  ].map((value) => wrong({ streamKey: { sha256: value } }, /spec\.streamKey\.sha256/)),
  wrong({ streamKey: {} }, /exactly one of sha256 and secretRef/),
  wrong({ streamKey: { sha256, secretRef: { name: 'a', key: 'b' } } }, /exactly one of sha256 and secretRef/),
  wrong({ streamKey: 'live_abc' }, /spec\.streamKey/),
  wrong({ streamKey: { sha256, key: 'live_abc' } }, /unknown field "spec\.streamKey\.key"/),
  wrong({ streamKey: { secretRef: { name: 'a' } } }, /secretRef\.key: Required/),
  wrong({ streamKey: { secretRef: { key: 'a' } } }, /secretRef\.name: Required/),
  wrong({ streamKey: { secretRef: { name: 'A', key: 'a' } } }, /secretRef\.name/),
  wrong({ streamKey: { secretRef: { name: 'a', key: 'a/b' } } }, /secretRef\.key/),
  wrong({ streamKey: { secretRef: { name: 'a', key: 'b', namespace: 'c' } } }, /unknown field/),
  wrong({ streamKey: { secretRef: { name: '', key: 'b' } } }, /secretRef\.name/),
  ...['open', 'Live', '', 1, {}].map((state) => wrong({ state }, /spec\.state/)),
  ...['low', 'UltraLow', '', 2].map((latency) => wrong({ latency }, /spec\.latency/)),
  ...['yes', 'true', 1, {}].map((recording) => wrong({ recording }, /spec\.recording/)),
  ...badDurations('dvrWindow', [
    '59s',
    '0s',
    '6h1s',
    '7h',
    '361m',
    '',
    '10',
    '10 m',
    '-10m',
    '1d',
    'PT10M',
    '1.5h',
    'm',
    '100ms',
    600,
    '99999h99999h99999h',
  ]),
  ...badDurations('reconnectWindow', [
    '31m',
    '1801s',
    '1h',
    '30m1s',
    '',
    '60',
    '-1s',
    '1m-30s',
    'forever',
    60,
    '99999h99999h99999h99999h',
  ]),
  wrong({ ladder: [1080, 720, 540, 480, 360, 240, 144].map((height) => rung(height)) }, /spec\.ladder.*at most 6/),
  wrong({ ladder: [rung(480), rung(480)] }, /same height/),
  wrong({ ladder: [rung(480, 500_000), rung(720), rung(480, 900_000)] }, /same height/),
  wrong({ ladder: [rung(143)] }, /ladder\[0\]\.height/),
  wrong({ ladder: [rung(142)] }, /ladder\[0\]\.height/),
  wrong({ ladder: [rung(481)] }, /multiple of 2/),
  wrong({ ladder: [rung(2162)] }, /ladder\[0\]\.height/),
  wrong({ ladder: [rung(480, 99_999)] }, /ladder\[0\]\.bitrateBps/),
  wrong({ ladder: [rung(480, 20_000_001)] }, /ladder\[0\]\.bitrateBps/),
  wrong({ ladder: [rung(480, 1.5)] }, /ladder\[0\]\.bitrateBps/),
  wrong({ ladder: [{ height: 480 }] }, /bitrateBps: Required/),
  wrong({ ladder: [{ bitrateBps: 1_000_000 }] }, /height: Required/),
  wrong({ ladder: [{ height: '480', bitrateBps: 1_000_000 }] }, /ladder\[0\]\.height/),
  wrong({ ladder: [{ ...rung(480), codec: 'av1' }] }, /unknown field/),
  wrong({ ladder: rung(480) }, /spec\.ladder/),
  wrong({ ladder: 'auto' }, /spec\.ladder/),
  ...['placebo', 'Veryfast', '', 1].map((encoderPreset) => wrong({ encoderPreset }, /spec\.encoderPreset/)),
  wrong({ colour: 'red' }, /unknown field "spec\.colour"/),
]

/** Changes of a stored Broadcast; without `says` they are accepted. */
export const broadcastChanges: readonly Change[] = [
  { what: 'the title may change', to: { title: 'Winter coats' } },
  { what: 'the key may be rotated', to: { streamKey: { sha256: 'b'.repeat(64) } } },
  { what: 'a hash may give way to a Secret', to: { streamKey: { secretRef: { name: 'a', key: 'b' } } } },
  {
    what: 'windows, latency and recording may change',
    to: { dvrWindow: '1h', reconnectWindow: '5m', latency: 'Ultra', recording: true },
  },
  { what: 'a ladder and a preset may be given later', to: { ladder: [rung(480)], encoderPreset: 'faster' } },
  { what: 'an open broadcast may end', to: { state: 'Ended' } },
  { what: 'an ended broadcast stays ended', from: { state: 'Ended' }, to: { state: 'Ended', title: 'Over' } },
  {
    what: 'an ended broadcast cannot be opened',
    from: { state: 'Ended' },
    to: { state: 'Open' },
    says: /cannot be opened again/,
  },
  { what: 'leaving the state out means Open', from: { state: 'Ended' }, to: {}, says: /cannot be opened again/ },
  { what: 'the seller cannot change', to: { seller: 's-2' }, says: /seller is immutable/ },
  { what: 'a change is validated as a whole', to: { dvrWindow: '1s' }, says: /between 1m and 6h/ },
]

const pool = { min: 0, max: 20, buffer: 2 }

/** The spec that MediaPool cases are laid over. */
export const plainPool = Object.freeze(pool)

/** Accepted MediaPools. */
export const validPools: readonly Case[] = [
  { what: 'min, max and buffer are enough' },
  ...['default', 'x'.repeat(50), '0'].map((name) => ({ what: `name ${name}`, name })),
  ...[0, 1, 20].map((buffer) => field({ buffer })),
  ...[0, 20].map((min) => field({ min })),
  ...[2, 10_000].map((max) => field({ max })),
  ...[0.1, 1, 99.5, 100].map((refillPerSecond) => field({ refillPerSecond })),
  field({
    template: {
      spec: { nodeSelector: { media: 'yes' }, containers: [{ name: 'stream', env: [{ name: 'A', value: 'b' }] }] },
    },
  }),
]

/** Refused MediaPools. */
export const invalidPools: readonly RefusedCase[] = [
  ...['x'.repeat(51), 'a.b'].map((name) => ({ what: `name ${name.slice(0, 20)}`, name, says: /metadata\.name/ })),
  ...['min', 'max', 'buffer'].map((name) =>
    wrong({ [name]: undefined }, new RegExp(`spec\\.${name}: Required`), `no ${name}`),
  ),
  wrong({ min: 21 }, /min cannot exceed max/),
  wrong({ buffer: 21 }, /buffer cannot exceed max/),
  ...[-1, 10_001, 1.5, '1'].map((min) => wrong({ min }, /spec\.min/)),
  ...[0, -1, 10_001, '9'].map((max) => wrong({ max }, /spec\.max/)),
  ...[-1, 10_001, 'all'].map((buffer) => wrong({ buffer }, /spec\.buffer/)),
  ...[0, 0.05, 101, 'fast'].map((refillPerSecond) => wrong({ refillPerSecond }, /spec\.refillPerSecond/)),
  ...['x', 1, []].map((template) => wrong({ template }, /spec\.template/)),
  wrong({ replicas: 3 }, /unknown field "spec\.replicas"/),
]
