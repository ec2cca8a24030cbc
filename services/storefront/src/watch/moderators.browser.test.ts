/** Somebody keeps a seller's chat: asked, named, with few tools and a badge, and dismissed. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faultsOf } from '../testing/axe-faults.ts'
import { signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const at = '2026-01-01T00:00:00.000Z'
const seller = { sellerId: 'u-seller', sellerName: '제주농장' }
const said = (id: string, role: 'viewer' | 'host' | 'moderator', text: string) =>
  ({
    type: 'chat',
    data: { id, displayName: '수진', text, at: new Date().toISOString(), author: { id: `u-${role}`, role } },
  }) as const

for (const [name, width, height, locale] of [
  ['phone', 390, 844, 'ko-KR'],
  ['desk', 1_440, 900, 'en-US'],
] as const) {
  test(`a moderator deletes, mutes for a time, freezes and slows, and has no other tool (${name}, ${locale})`, async (t) => {
    const visit = { width, height, locale, upright: name === 'phone' }
    const { page, site } = await browser.visit(t, '/sign-in?next=/watch/b-live', visit)
    site.api.chat.moderating.items.push({ ...seller, namedAt: at })
    await signIn(page)
    await page.getByTestId(testIds.chatInput).waitFor()
    site.api.push(said('1-1', 'viewer', '도배'))
    site.api.push(said('1-2', 'host', '무료 배송'))
    site.api.push(said('1-3', 'moderator', '조용히 해 주세요'))
    const line = (id: string) => page.getByTestId(testIds.chatMessage(id))
    await line('1-3')
      .getByText(locale === 'ko-KR' ? '채팅 지기' : 'Moderator')
      .waitFor()
    await page.getByTestId(testIds.chatKeep).click()
    await page.getByTestId(testIds.chatFreeze).check()
    await page.getByTestId(testIds.chatSlow).selectOption('30')
    assert.deepEqual(await faultsOf(page, 'switches'), [])
    await page.keyboard.press('Escape')
    await page.getByTestId(testIds.chatInput).waitFor() // frozen for others
    await line('1-2').getByRole('button').click()
    const deed = (of: string) => page.getByTestId(testIds.messageDeed(of))
    await deed('report-spam').waitFor()
    assert.equal(await deed('delete').count(), 0, 'not what the seller said')
    await page.keyboard.press('Escape')
    await line('1-1').getByRole('button').click()
    await deed('mute').waitFor()
    for (const none of ['pin', 'shadow', 'ban', 'muteForGood', 'name', 'dismiss'])
      assert.equal(await deed(none).count(), 0, none)
    assert.deepEqual(await faultsOf(page, 'menu'), [])
    await deed('muteHour').click()
    await page.getByTestId(testIds.messageMenu).waitFor({ state: 'detached' })
    await line('1-1').getByRole('button').click()
    await deed('delete').click()
    await line('1-1').waitFor({ state: 'detached' })
    assert.deepEqual(site.api.chat.deeds, [
      'PATCH /broadcasts/b-live/chat-settings',
      'PATCH /broadcasts/b-live/chat-settings',
      'PUT /broadcasts/b-live/chat-restrictions/u-viewer',
      'DELETE /broadcasts/b-live/chat/1-1',
    ])
  })

  test(`a seller names by account, asks by e-mail, and dismisses (${name}, ${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/studio/chat', { width, height, locale })
    await signIn(page)
    const who = page.getByTestId(testIds.moderatorWho)
    await who.fill('acc_7')
    await page.getByTestId(testIds.moderatorAdd).click()
    await page.getByTestId(testIds.moderator('acc_7')).waitFor()
    await who.fill('friend@example.com')
    await page.getByTestId(testIds.moderatorAdd).click()
    const invite = page.getByTestId(testIds.moderatorInvite('inv-1'))
    await invite.getByText('friend@example.com').waitFor()
    await page.evaluate(() => scrollTo(0, 0)) // what the header covers is no question of colours
    assert.deepEqual(await faultsOf(page, 'moderators'), [])
    await invite.getByRole('button').click()
    await invite.waitFor({ state: 'detached' })
    await page.getByTestId(testIds.moderator('acc_7')).getByRole('button').click()
    await page.getByTestId(testIds.moderator('acc_7')).waitFor({ state: 'detached' })
    assert.deepEqual(site.api.chat.moderators, { items: [], invites: [] })
  })

  test(`who is asked says yes at the account, and stops there (${name}, ${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/account', { width, height, locale })
    site.api.chat.moderating.invites.push({ ...seller, id: 'inv-2', invitedAt: at })
    await signIn(page)
    const invite = page.getByTestId(testIds.moderatorInvite('inv-2'))
    await invite.getByRole('button', { name: locale === 'ko-KR' ? '수락: 제주농장' : 'Yes: 제주농장' }).click()
    const kept = page.getByTestId(testIds.moderated('u-seller'))
    await kept.waitFor()
    await page.evaluate(() => scrollTo(0, 0)) // what the header covers is no question of colours
    assert.deepEqual(await faultsOf(page, 'account'), [])
    await kept.getByRole('button').click()
    await kept.waitFor({ state: 'detached' })
  })
}

test('the seller names who wrote from the message, and dismisses from one of a moderator', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-in?next=/studio', { width: 1_440, height: 900 })
  site.api.account = { id: 'u-seller', displayName: '제주농장' }
  await signIn(page)
  await page.getByTestId(testIds.chatFreeze).waitFor()
  site.api.push(said('2-1', 'viewer', '도와드릴까요'))
  const line = (id: string) => page.getByTestId(testIds.chatMessage(id))
  await line('2-1').getByRole('button').click()
  await page.getByTestId(testIds.messageDeed('name')).click()
  await page.getByTestId(testIds.confirm).click()
  await page.getByTestId(testIds.messageMenu).waitFor({ state: 'detached' })
  site.api.push(said('2-2', 'moderator', '네'))
  await line('2-2').getByRole('button').click()
  await page.getByTestId(testIds.messageDeed('dismiss')).click()
  await page.getByTestId(testIds.messageMenu).waitFor({ state: 'detached' })
  assert.deepEqual(site.api.chat.deeds, ['PUT /chat-moderators/u-viewer', 'DELETE /chat-moderators/u-moderator'])
})
