import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { aPicture, aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp({ UPLOAD_MAX_BYTES: '3000000', UPLOAD_SECONDS: '5' })
const seller = await signedIn(app.url)

describe('products', () => {
  test('a product is created with its stock and read by anybody', async () => {
    const made = await aProduct(seller, { name: '유자차', stock: 7 })
    const read = await app.anonymous.expect(200, 'GET', `/products/${made.id}`)
    assert.deepEqual(read, made)
    assert.equal(read.stock, 7)
    assert.ok(read.version >= 1)
    assert.deepEqual(read.price, { amount: 12_900, currency: 'KRW' })
    assert.equal(read.imageUrls, null)
  })

  test('only its seller changes a product, and orders see the new price', async () => {
    const { id } = await aProduct(seller)
    const other = await signedIn(app.url)
    await other.expect(403, 'PATCH', `/products/${id}`, { price: { amount: 1, currency: 'KRW' } })
    await app.anonymous.expect(401, 'PATCH', `/products/${id}`, { name: 'x' })
    const changed = await seller.expect(200, 'PATCH', `/products/${id}`, { price: { amount: 9_900, currency: 'KRW' } })
    assert.equal(changed.price.amount, 9_900)
    const order = { productId: id, quantity: 2 }
    const placed = await other.expect(201, 'POST', '/orders', order, { 'idempotency-key': 'price-test' })
    assert.deepEqual(placed.total, { amount: 19_800, currency: 'KRW' })
  })

  test('units are added and taken back, at most what is left', async () => {
    const { id } = await aProduct(seller, { stock: 5 })
    assert.equal((await seller.expect(200, 'POST', `/products/${id}/stock`, { units: 3 })).stock, 8)
    assert.equal((await seller.expect(200, 'POST', `/products/${id}/stock`, { units: -100 })).stock, 0)
  })

  test('what is left can be set, whatever sold meanwhile', async () => {
    const { id } = await aProduct(seller, { stock: 5 })
    const buyer = await signedIn(app.url)
    await buyer.expect(201, 'POST', '/orders', { productId: id, quantity: 2 }, { 'idempotency-key': 'before' })
    const changed = await seller.expect(200, 'PATCH', `/products/${id}`, { stock: 9 })
    assert.equal(changed.stock, 9)
    assert.equal((await seller.expect(200, 'PATCH', `/products/${id}`, { stock: 0 })).stock, 0)
    const order = { productId: id, quantity: 1 }
    const refusal = await buyer.expect(409, 'POST', '/orders', order, { 'idempotency-key': 'after' })
    assert.equal(refusal.code, 'sold_out')
  })

  test('lists are paged by cursor without gap or repetition; an unlisted product is its seller’s only', async () => {
    const own = await signedIn(app.url)
    const made: string[] = []
    for (let index = 0; index < 5; index += 1) made.push((await aProduct(own)).id)
    await own.expect(200, 'PATCH', `/products/${made[2]}`, { listed: false })
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await own.expect(200, 'GET', `/products?seller=me&limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...page.items.map((each: { id: string }) => each.id))
      cursor = page.nextCursor ?? ''
    } while (cursor !== '')
    assert.deepEqual(seen, made.toReversed())
    const everybodys = await app.anonymous.expect(200, 'GET', `/products?seller=${own.id}`)
    assert.equal(everybodys.items.length, 4)
  })

  test('a list that did not change is not sent again', async () => {
    const own = await signedIn(app.url)
    await aProduct(own)
    const first = await own.get(`/products?seller=${own.id}`)
    const etag = first.headers.get('etag') ?? ''
    const again = await own.get(`/products?seller=${own.id}`, { 'if-none-match': etag })
    assert.equal(again.status, 304)
    await aProduct(own)
    const changed = await own.get(`/products?seller=${own.id}`, { 'if-none-match': etag })
    assert.equal(changed.status, 200)
  })

  test('bad input is named and a foreign cursor refused', async () => {
    const body = await seller.expect(400, 'POST', '/products', {
      name: '',
      price: { amount: -1, currency: 'won' },
      stock: 1.5,
    })
    assert.deepEqual(
      body.errors.map((each: { path: string }) => each.path),
      ['name', 'price.amount', 'price.currency', 'stock'],
    )
    await seller.expect(400, 'GET', '/products?cursor=bm90IG91cnM')
    await seller.expect(400, 'GET', '/products?limit=1000')
    await seller.expect(400, 'POST', '/products', { name: 'a\u202Eb', price: { amount: 1, currency: 'KRW' }, stock: 1 })
  })

  test('a price is of a currency in use, and is something', async () => {
    const product = { name: 'Tea', stock: 1 }
    for (const price of [
      { amount: 1, currency: 'ZZZ' },
      { amount: 1, currency: 'XAU' },
      { amount: 0, currency: 'KRW' },
    ]) {
      await seller.expect(400, 'POST', '/products', { ...product, price })
    }
    const { id } = await aProduct(seller)
    await seller.expect(400, 'PATCH', `/products/${id}`, { price: { amount: 0, currency: 'KRW' } })
  })

  test('an id in capitals or in other letters is no id, wherever it stands', async () => {
    const { id } = await aProduct(seller)
    for (const wrong of [id.toUpperCase(), '상품', 'a%20b']) {
      await seller.expect(400, 'GET', `/products/${encodeURI(wrong)}`)
      await seller.expect(400, 'GET', `/products?seller=${encodeURI(wrong)}`)
      await seller.expect(400, 'GET', `/broadcasts/${encodeURI(wrong)}`)
      await seller.expect(400, 'POST', '/broadcasts', { title: 'Tea', productIds: [wrong] })
    }
  })
})

describe('images', () => {
  test('an upload becomes nine files that never change, without its metadata', async () => {
    const { id } = await aProduct(seller)
    const original = await sharp(await aPicture('jpeg', 1_600, 900))
      .withExif({ IFD0: { Copyright: 'me' } })
      .jpeg()
      .toBuffer()
    const { imageUrls } = await seller.expect(200, 'PUT', `/products/${id}/image`, original, {
      'content-type': 'image/jpeg',
    })
    for (const [size, width] of [
      ['list', 320],
      ['card', 640],
      ['full', 1_280],
    ] as const) {
      for (const format of ['avif', 'webp', 'jpeg']) {
        const answer = await fetch(app.url + imageUrls[size][format])
        assert.equal(answer.status, 200)
        assert.equal(answer.headers.get('content-type'), `image/${format}`)
        assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable')
        assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
        const found = await sharp(Buffer.from(await answer.arrayBuffer())).metadata()
        assert.equal(found.width, width)
        assert.equal(found.format, format === 'avif' ? 'heif' : format)
        assert.equal(found.exif, undefined)
      }
    }
    const again = await seller.expect(200, 'PUT', `/products/${id}/image`, original, { 'content-type': 'image/jpeg' })
    assert.deepEqual(again.imageUrls, imageUrls)
    assert.deepEqual((await seller.expect(200, 'GET', `/products/${id}`)).imageUrls, imageUrls)
    const cached = await fetch(app.url + imageUrls.list.webp, {
      headers: { 'if-none-match': `"${imageUrls.list.webp.slice(8)}"` },
    })
    assert.equal(cached.status, 304)
  })

  for (const format of ['png', 'webp', 'avif'] as const) {
    test(`${format} is taken`, async () => {
      const { id } = await aProduct(seller)
      const picture = await aPicture(format, 64, 48)
      await seller.expect(200, 'PUT', `/products/${id}/image`, picture, { 'content-type': `image/${format}` })
    })
  }

  for (const [format, label] of [
    ['png', 'image/jpeg'],
    ['webp', 'image/jpeg'],
    ['jpeg', 'image/jpg'],
    ['jpeg', 'application/octet-stream'],
    ['avif', 'image/heic'],
  ] as const) {
    test(`${format} that calls itself ${label} is taken by its content`, async () => {
      const { id } = await aProduct(seller)
      const picture = await aPicture(format, 64, 48)
      await seller.expect(200, 'PUT', `/products/${id}/image`, picture, { 'content-type': label })
    })
  }

  test('what is transparent is white in every format, and CMYK and 16 bits a channel are taken', async () => {
    const pixel = {
      create: { width: 32, height: 32, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    } as const
    const clear = await sharp(pixel).png().toBuffer()
    const { id } = await aProduct(seller)
    const { imageUrls } = await seller.expect(200, 'PUT', `/products/${id}/image`, clear, {
      'content-type': 'image/png',
    })
    for (const path of Object.values(imageUrls.card as Record<string, string>)) {
      const file = Buffer.from(await (await fetch(app.url + path)).arrayBuffer())
      const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true })
      assert.ok(info.channels === 3 && data.every((value) => value > 250), path)
    }
    const plain = sharp({ create: { width: 32, height: 32, channels: 3, background: '#c03020' } })
    const deep = await plain.clone().toColourspace('rgb16').png().toBuffer()
    const print = await plain.clone().toColourspace('cmyk').jpeg().toBuffer()
    for (const [body, label] of [
      [deep, 'image/png'],
      [print, 'image/jpeg'],
    ] as const) {
      await seller.expect(200, 'PUT', `/products/${id}/image`, body, { 'content-type': label })
    }
  })

  test('what is not an image is refused by its content', async () => {
    const { id } = await aProduct(seller)
    const put = (body: Uint8Array, type: string) =>
      seller.call('PUT', `/products/${id}/image`, body, { 'content-type': type })
    const hugeSvg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="900000" height="900000"><animate attributeName="x" dur="9s"/></svg>',
    )
    const box = Buffer.concat([Buffer.from('ftypheic'), Buffer.alloc(4), Buffer.from('mif1heic')])
    const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), box, Buffer.alloc(64)])
    const cases: [Uint8Array, string, number, string][] = [
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/png', 415, 'unsupported_media_type'],
      [hugeSvg, 'image/png', 415, 'unsupported_media_type'],
      [hugeSvg, 'image/svg+xml', 415, 'unsupported_media_type'],
      [Buffer.from('<html><script>alert(1)</script>'), 'image/jpeg', 415, 'unsupported_media_type'],
      [heic, 'image/heic', 415, 'heic_not_taken'],
      [heic, 'image/jpeg', 415, 'heic_not_taken'],
      [Buffer.from('GIF89a'), 'image/gif', 415, 'unsupported_media_type'],
      [new Uint8Array(0), 'image/png', 415, 'unsupported_media_type'],
      [(await aPicture('jpeg')).subarray(0, 5_000), 'image/jpeg', 422, 'image_not_decodable'],
      [Buffer.from([0xff, 0xd8, 0xff, 0, 1, 2, 3]), 'image/jpeg', 422, 'image_not_decodable'],
    ]
    for (const [body, type, status, code] of cases) {
      const answer = await put(body, type)
      assert.deepEqual([answer.status, answer.body.code], [status, code])
    }
    assert.equal((await seller.expect(200, 'GET', `/products/${id}`)).imageUrls, null)
  })

  test('a picture of few bytes and very many pixels is refused before it is decoded', async () => {
    const { id } = await aProduct(seller)
    const bomb = blankPng(30_000, 30_000)
    assert.ok(bomb.length < 4_000)
    const before = process.memoryUsage().rss
    const refusal = await seller.expect(422, 'PUT', `/products/${id}/image`, bomb, { 'content-type': 'image/png' })
    assert.equal(refusal.code, 'image_too_many_pixels')
    assert.ok(process.memoryUsage().rss - before < 100_000_000)
  })

  test('a body larger than allowed is cut, whether it says its length or not', async () => {
    const { id } = await aProduct(seller)
    const path = `/api/commerce/v1/products/${id}/image`
    const send = (headers: Record<string, string>, bytes: number) =>
      new Promise<number>((resolve, reject) => {
        const call = request(app.url + path, {
          method: 'PUT',
          headers: { authorization: `Bearer ${seller.token}`, 'content-type': 'image/png', ...headers },
        })
        call.once('response', (answer) => resolve(answer.resume().statusCode ?? 0))
        call.once('error', reject)
        const chunk = Buffer.alloc(65_536)
        let sent = 0
        const more = () => {
          while (sent < bytes && call.write(chunk)) sent += chunk.length
          if (sent < bytes) call.once('drain', more)
          else call.end()
        }
        more()
      })
    assert.equal(await send({ 'content-length': '3000000000' }, 65_536), 413)
    assert.equal(await send({ 'transfer-encoding': 'chunked' }, 4_000_000), 413)
  })

  test('an upload of two gigabytes is refused at the limit and cut, and memory stays flat', async () => {
    const { id } = await aProduct(seller)
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    socket.on('error', () => undefined) // cut while it writes
    const head = `PUT /api/commerce/v1/products/${id}/image HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${seller.token}\r\n`
    socket.write(`${head}Content-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    let answer = ''
    socket.on('data', (data: Buffer) => (answer += data.toString()))
    const before = process.memoryUsage().rss
    let most = 0
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x10_0000), Buffer.from('\r\n')])
    let sent = 0
    for (; sent < 2 ** 31 && !socket.destroyed; sent += chunk.length) {
      if (!socket.write(chunk)) await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))])
      most = Math.max(most, process.memoryUsage().rss)
    }
    socket.destroy()
    assert.match(answer, /^HTTP\/1.1 413 .*application\/problem\+json.*"code":"body_too_large"/s)
    assert.ok(sent < 300_000_000, `${sent} bytes were read`)
    assert.ok(most - before < 200_000_000, `memory grew by ${most - before} bytes`)
  })

  test('an AVIF, which is decoded whole, may have fewer pixels; a very narrow picture is fitted', async () => {
    const { id } = await aProduct(seller)
    const plain = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: 'white' } })
    const wide = await plain(4_200, 3_000).avif({ effort: 0 }).toBuffer()
    const refusal = await seller.expect(422, 'PUT', `/products/${id}/image`, wide, { 'content-type': 'image/avif' })
    assert.equal(refusal.code, 'image_too_many_pixels')
    const narrow = await plain(40, 20_000).png().toBuffer()
    await seller.expect(200, 'PUT', `/products/${id}/image`, narrow, { 'content-type': 'image/png' })
  })

  test('slow bodies end after their time and keep nobody else from uploading', async () => {
    const { id } = await aProduct(seller)
    const path = `/api/commerce/v1/products/${id}/image`
    const drip = () =>
      new Promise<string>((resolve, reject) => {
        const headers = {
          authorization: `Bearer ${seller.token}`,
          'content-type': 'image/png',
          'content-length': '999',
        }
        const call = request(app.url + path, { method: 'PUT', headers, agent: false })
        const dripping = setInterval(() => call.write(Buffer.from([0x89])), 1_000)
        call.once('response', (answer) => {
          clearInterval(dripping)
          text(answer).then(
            (body) => resolve(`${answer.statusCode} ${(JSON.parse(body) as { code: string }).code}`),
            reject,
          )
        })
        call.once('error', reject)
        call.write(Buffer.from([0x89]))
      })
    const slow = Array.from({ length: 7 }, drip) // one place less than there are
    const picture = await aPicture('png', 20, 20)
    await seller.expect(200, 'PUT', `/products/${id}/image`, picture, { 'content-type': 'image/png' })
    for (const refusal of await Promise.all(slow)) assert.equal(refusal, '400 upload_too_slow')
  })

  test('unknown and malformed names are not found, and nothing else of the store is reachable', async () => {
    for (const name of ['i-aaaaaaaaaaaaaaaaaaaa-list.avif', 'x', '..%2Fsecret', 'i-aaaaaaaaaaaaaaaaaaaa-huge.avif']) {
      const answer = await fetch(`${app.url}/images/${name}`)
      assert.equal(answer.status, 404)
      assert.notEqual(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable')
    }
  })
})

// 1 bit a pixel and no picture in it: what a decoder would need memory for is in the header alone.
function blankPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const chunk = (type: string, data: Buffer) => {
    const typed = Buffer.concat([Buffer.from(type), data])
    const around = Buffer.alloc(8)
    around.writeUInt32BE(data.length, 0)
    around.writeUInt32BE(crc32(typed), 4)
    return Buffer.concat([around.subarray(0, 4), typed, around.subarray(4)])
  }
  const pixels = deflateSync(Buffer.alloc(1_000_000)) // of 112 million bytes
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}
