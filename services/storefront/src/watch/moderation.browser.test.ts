/** A chat is kept in order: by viewers who report, and by the seller at the desk; by keyboard and by touch. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { ChatMessage } from '@mytaek1/contracts/live-events.ts'
import { faultsOf } from '../testing/axe-faults.ts'
import { hasFocus, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser, type Visit } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const shots = process.env.SCREENSHOTS
const shoot = async (page: Page, name: string) =>
  void (shots === undefined ? undefined : await page.screenshot({ path: `${shots}/${name}.png` }))

function hear(site: Visit['site'], id: string, text: string, over: Partial<ChatMessage> = {}): void {
  const author = { id: 'u-2', role: 'viewer' } as const
  site.api.push({
    type: 'chat',
    data: { id, displayName: '수진', text, at: new Date().toISOString(), author, ...over },
  })
}

const line = (page: Page, id: string) => page.getByTestId(testIds.chatMessage(id))

for (const [name, width, height, locale] of [
  ['phone', 390, 844, 'ko-KR'],
  ['sideways', 844, 390, 'en-US'],
  ['desk', 1_440, 900, 'ko-KR'],
] as const) {
  test(`a viewer answers and reports from a message’s menu, by keys alone (${name}, ${locale})`, async (t) => {
    const visit = await browser.visit(t, '/sign-in?next=/watch/b-live', {
      width,
      height,
      locale,
      upright: name === 'phone',
    })
    const { page, site } = visit
    await signIn(page)
    await page.getByTestId(testIds.chatInput).waitFor()
    hear(site, '1-1', '당도가 어떻게 되나요?')
    hear(site, '1-2', '두 박스 주문했어요')
    await line(page, '1-2').waitFor()
    await page.getByTestId(testIds.chatLog).focus()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.getByTestId(testIds.messageDeed('report-spam')).waitFor()
    await shoot(page, `menu-viewer-${name}`)
    assert.deepEqual(await faultsOf(page, 'menu'), [])
    await page.getByTestId(testIds.messageDeed('report-spam')).press('Enter')
    await page.getByTestId(testIds.messageMenu).getByRole('status').waitFor()
    assert.deepEqual(site.api.chat.deeds, ['POST /broadcasts/b-live/chat/1-1/reports'])
    await page.keyboard.press('Escape')
    await hasFocus(page, 'chat-more') // back at the message
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByTestId(testIds.messageDeed('reply')).press('Enter')
    await hasFocus(page, testIds.chatInput)
    await page.keyboard.type('저도요')
    await page.keyboard.press('Enter')
    await page.locator('.chat-reply', { hasText: '두 박스 주문했어요' }).waitFor()
    assert.equal(await page.getByTestId(testIds.messageDeed('delete')).count(), 0)
    await shoot(page, `chat-reply-${name}`)
  })
}

test('what is taken away leaves the screen, a paused chat and the answers to it, too; a banned author’s words all go', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-in?next=/watch/b-live', { width: 1_440, height: 900 })
  await signIn(page)
  await page.getByTestId(testIds.chatInput).waitFor()
  hear(site, '2-1', '나쁜 말')
  hear(site, '2-2', '그건 아니죠', {
    author: { id: 'u-3', role: 'viewer' },
    replyTo: { id: '2-1', displayName: '수진' },
  })
  hear(site, '2-3', '또 나쁜 말')
  await line(page, '2-3').waitFor()
  await page.getByTestId(testIds.chatPause).click()
  site.api.push({ type: 'chat_hidden', data: { id: '2-1' } })
  await line(page, '2-1').waitFor({ state: 'detached' })
  assert.doesNotMatch(await line(page, '2-2').innerText(), /나쁜 말/)
  site.api.push({ type: 'chat_hidden', data: { id: '2-3', authorId: 'u-2' } })
  await line(page, '2-3').waitFor({ state: 'detached' })
  await line(page, '2-2').waitFor()
})

test('a frozen chat says so in place of the field, slow mode in it, and a notice stands over the chat', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-in?next=/watch/b-live', {
    width: 390,
    height: 844,
    upright: true,
  })
  await signIn(page)
  await page.getByTestId(testIds.chatInput).waitFor()
  const notice = { chatId: null, displayName: '제주농장', role: 'host', text: '오늘만 무료 배송', at: '' } as const
  site.api.push({ type: 'chat_settings', data: { revision: 1, frozen: false, slowSeconds: 30, notice } })
  await page.getByPlaceholder('저속 모드: 30초에 한 번').waitFor()
  await page.getByTestId(testIds.chatNotice).getByText('오늘만 무료 배송').waitFor()
  for (let id = 0; id < 9; id += 1) hear(site, `3-${id}`, `질문 ${id}`)
  await line(page, '3-8').waitFor()
  await shoot(page, 'chat-notice-phone')
  assert.deepEqual(await faultsOf(page, 'notice'), [])
  site.api.push({ type: 'chat_settings', data: { revision: 3, frozen: true, slowSeconds: 30, notice: null } })
  await page.getByText('판매자가 채팅을 얼렸습니다.').waitFor()
  assert.equal(await page.getByTestId(testIds.chatInput).count(), 0)
  site.api.push({ type: 'chat_settings', data: { revision: 2, frozen: false, slowSeconds: 0, notice } }) // late
  await shoot(page, 'chat-frozen-phone')
  assert.deepEqual(await faultsOf(page, 'frozen'), [])
})

test('links are the staff’s alone, and only of a known scheme', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live', { width: 1_440, height: 900 })
  await page.getByTestId(testIds.chatLog).waitFor()
  hear(site, '4-1', 'https://example.com/a')
  hear(site, '4-2', '여기요 https://example.com/b javascript:alert(1)', { author: { id: 'u-s', role: 'host' } })
  await line(page, '4-2').waitFor()
  const links = await page.locator('.chat-log a').evaluateAll((all) => all.map((each) => each.getAttribute('href')))
  assert.deepEqual(links, ['https://example.com/b'])
})

for (const [name, width, height, locale] of [
  ['phone', 390, 844, 'ko-KR'],
  ['sideways', 844, 390, 'ko-KR'],
  ['desk', 1_440, 900, 'en-US'],
] as const) {
  test(`the seller freezes, slows, announces, deletes and bans at the desk (${name}, ${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/studio', { width, height, locale })
    site.api.account = { id: 'u-seller', displayName: '제주농장' }
    await signIn(page)
    await page.getByTestId(testIds.chatFreeze).waitFor()
    hear(site, '5-1', '도배도배')
    hear(site, '5-2', '사기꾼 아니에요?')
    await line(page, '5-2').waitFor()
    await page.getByTestId(testIds.chatFreeze).check()
    await page.getByTestId(testIds.chatSlow).selectOption('30')
    await page.getByTestId(testIds.chatAnnouncement).fill('오늘 주문은 내일 보내요')
    await page.getByTestId(testIds.chatAnnounce).click()
    await page.getByTestId(testIds.chatNotice).getByText('오늘 주문은 내일 보내요').waitFor()
    await page.getByTestId(testIds.chatFreeze).scrollIntoViewIfNeeded()
    await shoot(page, `desk-chat-${name}`)
    await page.evaluate(() => scrollTo(0, 0)) // what the header covers is no question of colours
    assert.deepEqual(await faultsOf(page, 'desk'), [])
    await page.getByTestId(testIds.chatTakeDown).click()
    await page.getByTestId(testIds.chatNotice).waitFor({ state: 'detached' })
    await line(page, '5-1').getByRole('button').click()
    await page.getByTestId(testIds.messageDeed('ban')).waitFor()
    await shoot(page, `menu-staff-${name}`)
    assert.deepEqual(await faultsOf(page, 'staff menu'), [])
    await page.getByTestId(testIds.messageDeed('delete')).click()
    await line(page, '5-1').waitFor({ state: 'detached' })
    await line(page, '5-2').getByRole('button').click()
    await page.getByTestId(testIds.messageDeed('ban')).click()
    await page.getByTestId(testIds.confirm).click()
    await line(page, '5-2').waitFor({ state: 'detached' })
    assert.deepEqual(
      site.api.chat.restricted.map(({ accountId, kind }) => [accountId, kind]),
      [['u-2', 'ban']],
    )
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    assert.equal(await page.evaluate(overflow), 0)
  })

  test(`reports, words and who is kept out are on one page (${name}, ${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in', { width, height, locale })
    const report = {
      broadcastId: 'b-live',
      chatId: '1-1',
      authorId: 'u-2',
      authorName: '수진',
      text: '계좌로 보내세요',
    }
    const at = '2026-01-01T00:00:00.000Z'
    site.api.chat.reports.push({
      id: 'rep-1',
      ...report,
      reason: 'fraud',
      state: 'open',
      reporters: 3,
      reportedAt: at,
      decidedAt: null,
    })
    site.api.chat.restricted.push({ accountId: 'u-7', displayName: '보람', kind: 'mute', until: null, madeAt: at })
    await page.goto(`${site.url}/sign-in?next=/studio/chat`)
    await signIn(page)
    await page.getByTestId(testIds.chatReport('rep-1')).waitFor()
    await page.getByTestId(testIds.bannedWords).fill('사기\n\n 욕설 \n사기')
    await page.getByTestId(testIds.linksByStaff).uncheck()
    await page.getByTestId(testIds.saveChatRules).click()
    await page.getByText(locale === 'ko-KR' ? '저장했습니다.' : 'Saved.').waitFor()
    assert.deepEqual(site.api.chat.rules, { bannedWords: ['사기', '욕설'], links: 'everybody' })
    await page.getByTestId(testIds.restricted('u-7')).waitFor()
    await shoot(page, `chat-page-${name}`)
    await page.evaluate(() => scrollTo(0, 0)) // what the header covers is no question of colours
    assert.deepEqual(await faultsOf(page, 'chat page'), [])
    await page.getByTestId(testIds.chatReportDecision('removed', 'rep-1')).click()
    await page.getByTestId(testIds.chatReport('rep-1')).waitFor({ state: 'detached' })
    await page.getByTestId(testIds.restricted('u-7')).getByRole('button').click()
    await page.getByTestId(testIds.restricted('u-7')).waitFor({ state: 'detached' })
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    assert.equal(await page.evaluate(overflow), 0)
  })
}
