import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'
import { isBusinessNumber } from './business.ts'

const { url } = await startTestApp()
const business = {
  name: '꿀벌상회',
  representative: '김보라',
  businessNumber: '123-45-67891',
  mailOrderNumber: '제2026-서울마포-0001호',
  address: '서울 마포구 월드컵북로 1',
  phone: '02-123-4567',
}

test('a seller says whose business it is, and everybody may read it; nobody says it for another', async () => {
  const [seller, other] = await Promise.all([signedIn(url, 'Seo'), signedIn(url, 'Oh')])
  await other.expect(404, 'GET', `/accounts/${seller.id}/business`)
  await seller.expect(204, 'PUT', '/accounts/me/business', business)
  const read = () => other.expect(200, 'GET', `/accounts/${seller.id}/business`)
  assert.deepEqual(await read(), { ...business, businessNumber: '1234567891' })
  await seller.expect(204, 'PUT', '/accounts/me/business', { ...business, name: '꿀' })
  assert.equal((await read()).name, '꿀')
  await other.expect(404, 'GET', `/accounts/${other.id}/business`)
  const refused = await seller.expect(400, 'PUT', '/accounts/me/business', {
    ...business,
    businessNumber: '1234567890',
  })
  assert.equal(refused.errors[0].path, 'businessNumber')
})

test('the last digit of a business number checks the others', () => {
  for (const right of ['1234567891', '2208162517', '1208147521']) assert.equal(isBusinessNumber(right), true, right)
  for (const wrong of ['1234567890', '2208162518', '123456789', '12345678911', 'abcdefghij']) {
    assert.equal(isBusinessNumber(wrong), false, wrong)
  }
})
