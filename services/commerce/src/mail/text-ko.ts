import { moneyText, orderRows, pageOf, type Wording } from './mail-facts.ts'

/** Korean. Mails that anybody can have sent to anybody (verify, reset) have no word in them that a stranger chose. */
export const ko: Wording = (facts) => {
  const { order } = facts
  const orders = { link: pageOf({ publicUrl: facts.publicUrl }, '/orders'), label: '주문 내역 보기' }
  const forgot = { link: pageOf({ publicUrl: facts.publicUrl }, '/account/forgot'), label: '비밀번호 다시 설정하기' }
  switch (facts.kind) {
    case 'verify_email':
      return {
        subject: '이메일 주소를 확인해 주세요',
        blocks: [
          '이 이메일 주소로 계정이 만들어졌습니다. 본인의 주소가 맞는지 확인해 주세요.',
          { link: pageOf(facts, '/account/verify'), label: '이메일 주소 확인하기' },
          '링크는 24시간 동안 한 번만 쓸 수 있습니다. 가입한 적이 없다면 아무것도 하지 않으셔도 됩니다.',
        ],
      }
    case 'password_reset':
      return {
        subject: '새 비밀번호를 설정해 주세요',
        blocks: [
          '계정의 비밀번호를 새로 설정해 달라는 요청을 받았습니다. 본인이 요청하셨다면 아래 링크를 눌러 주세요.',
          { link: pageOf(facts, '/account/reset'), label: '새 비밀번호 설정하기' },
          '링크는 30분 동안 한 번만 쓸 수 있습니다. 요청하지 않으셨다면 아무것도 하지 않으셔도 되며, 비밀번호는 그대로입니다.',
        ],
      }
    case 'password_changed':
      return {
        subject: '비밀번호가 변경되었습니다',
        blocks: [
          `${facts.at.toISOString().slice(0, 16).replace('T', ' ')} (UTC)에 계정의 비밀번호가 변경되었고, 다른 모든 로그인은 종료되었습니다.`,
          '본인이 변경하지 않으셨다면 지금 바로 다시 설정해 주세요.',
          forgot,
        ],
      }
    case 'order_paid':
      return {
        subject: `주문 ${facts.data.orderId} 영수증`,
        blocks: [
          '주문해 주셔서 감사합니다. 결제가 완료되었습니다.',
          ...orderRows(order, 'ko', { shipping: '배송비', discount: '쿠폰 할인', total: '합계' }),
          orders,
        ],
      }
    case 'order_refunded':
      return {
        subject: `주문 ${facts.data.orderId} 환불 안내`,
        blocks: [
          `${moneyText(facts.data.refunded, 'ko')}을 결제하신 수단으로 돌려드렸습니다. 카드사나 은행에 따라 표시되기까지 며칠이 걸릴 수 있습니다.`,
          ...orderRows(order, 'ko', { shipping: '배송비', discount: '쿠폰 할인', total: '주문 합계' }),
          orders,
        ],
      }
    case 'order_shipped':
      return {
        subject: `주문 ${facts.data.orderId} 상품이 발송되었습니다`,
        blocks: [
          `택배사 ${facts.data.carrier}, 운송장 번호 ${facts.data.trackingNumber}로 발송되었습니다.`,
          ...(facts.data.trackingUrl === null ? [] : [{ link: facts.data.trackingUrl, label: '배송 조회' }]),
          ...orderRows(order, 'ko', { shipping: '배송비', discount: '쿠폰 할인', total: '합계' }),
          orders,
        ],
      }
    case 'show_starts':
      return {
        subject: `방송 시작: ${facts.data.title}`,
        blocks: [
          `${facts.data.title} 방송이 시작되었습니다.`,
          { link: pageOf({ publicUrl: facts.publicUrl }, `/watch/${facts.data.broadcastId}`), label: '방송 보기' },
          { link: pageOf(facts, '/account/mail-stop'), label: '이 판매자의 방송 알림 그만 받기' },
        ],
      }
  }
}
