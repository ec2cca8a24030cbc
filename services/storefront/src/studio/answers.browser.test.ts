/** Answers that a seller keeps ready: written on one page, said by one press at the desk. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faultsOf } from '../testing/axe-faults.ts'
import { focused, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const delivery = { title: '배송', text: '오늘 주문은 내일 보내요' }

for (const [name, width, height, locale] of [
  ['phone', 390, 844, 'ko-KR'],
  ['desk', 1_440, 900, 'en-US'],
] as const) {
  test(`a press says an answer to everybody, or in reply to a message (${name}, ${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/studio', { width, height, locale })
    site.api.account = { id: 'u-seller', displayName: '제주농장' }
    site.api.chat.answers = { revision: 1, items: [{ title: '사이즈', text: '한 치수 크게 고르세요' }, delivery] }
    await signIn(page)
    const desk = page.getByTestId(testIds.cannedAnswer(1))
    await desk.click()
    await page.getByTestId(testIds.chatLog).getByText(delivery.text).waitFor()
    await page.getByText(locale === 'ko-KR' ? '보냈습니다: 배송' : 'Said: 배송').waitFor()
    await page.evaluate(() => scrollTo(0, 0)) // what the header covers is no question of colours
    assert.deepEqual(await faultsOf(page, 'desk'), [])
    const author = { id: 'u-2', role: 'viewer' } as const
    const question = { id: '9-1', displayName: '수진', text: '언제 와요?', at: new Date().toISOString(), author }
    site.api.push({ type: 'chat', data: question })
    await page.getByTestId(testIds.chatMessage('9-1')).getByRole('button').click()
    const menu = page.getByTestId(testIds.messageMenu)
    await menu.getByTestId(testIds.cannedAnswer(1)).click()
    await menu.waitFor({ state: 'detached' })
    await page.locator('.chat-reply', { hasText: '언제 와요?' }).waitFor()
    assert.equal(await page.getByTestId(testIds.chatLog).getByText(delivery.text).count(), 2)
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    assert.equal(await page.evaluate(overflow), 0)
  })

  test(`answers are written, taken away and saved, and another window's are not lost (${name}, ${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/studio/chat', { width, height, locale })
    site.api.chat.answers = { revision: 4, items: [{ title: '옛', text: '옛 답' }] }
    await signIn(page)
    await page.getByTestId(testIds.answerAdd).click()
    await page.getByTestId(testIds.answerTitle(1)).fill(delivery.title)
    await page.getByTestId(testIds.answerText(1)).fill(delivery.text)
    await page.getByTestId(testIds.answerRemove(0)).press('Enter')
    await page.getByTestId(testIds.answerTitle(1)).waitFor({ state: 'detached' })
    assert.notEqual(await focused(page), 'BODY')
    await page.evaluate(() => scrollTo(0, 0)) // what the header covers is no question of colours
    assert.deepEqual(await faultsOf(page, 'answers'), [])
    const save = page.getByTestId(testIds.answersSave)
    await save.click()
    await page.getByText(locale === 'ko-KR' ? '저장했습니다.' : 'Saved.').waitFor()
    assert.deepEqual(site.api.chat.answers, { revision: 5, items: [delivery] })
    await page.getByTestId(testIds.answerText(0)).fill('이틀 걸려요')
    const answered = page.waitForResponse((response) => response.request().method() === 'PUT')
    await save.click()
    await answered
    assert.deepEqual(site.api.chat.answers.items, [{ title: '배송', text: '이틀 걸려요' }])
    site.api.chat.answers = { revision: 9, items: [delivery] }
    await save.click()
    await page.getByText(locale === 'ko-KR' ? '다른 곳에서 답변이 바뀌었습니다.' : 'changed elsewhere').waitFor()
    assert.deepEqual(site.api.chat.answers, { revision: 9, items: [delivery] })
  })
}
