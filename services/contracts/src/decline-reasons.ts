/**
 * Why a payment failed, as the API says it and its buyer reads it. Gateways have some eighty codes, for which their texts
 * are not shown: a fail URL may carry anybody's.
 */
export const declineReasons = {
  card_declined: {
    en: 'The card was declined. Try another one.',
    ko: '카드사가 결제를 거절했습니다. 다른 카드를 사용해 주세요.',
  },
  insufficient_funds: { en: 'The card does not have enough balance.', ko: '카드 잔액이 부족합니다.' },
  limit_exceeded: { en: 'This is over the limit of the card or account.', ko: '카드 또는 계좌의 한도를 초과했습니다.' },
  expired_card: { en: 'The card has expired.', ko: '유효기간이 지난 카드입니다.' },
  incorrect_cvc: { en: 'The CVC is wrong.', ko: 'CVC가 올바르지 않습니다.' },
  incorrect_number: { en: 'The card number is wrong.', ko: '카드번호가 올바르지 않습니다.' },
  incorrect_password: { en: 'The password is wrong.', ko: '비밀번호가 올바르지 않습니다.' },
  lost_or_stopped: { en: 'The card was reported lost or stopped.', ko: '분실 또는 정지된 카드입니다.' },
  instalments_refused: {
    en: 'The card does not take these instalments.',
    ko: '선택한 할부를 사용할 수 없는 카드입니다.',
  },
  account_refused: {
    en: 'The account cannot pay. Try another one.',
    ko: '사용할 수 없는 계좌입니다. 다른 계좌를 사용해 주세요.',
  },
  not_supported: { en: 'This means of payment is not taken here.', ko: '지원하지 않는 결제수단입니다.' },
  authentication_failed: {
    en: 'The card’s holder could not be authenticated. Try again.',
    ko: '카드 본인 인증에 실패했습니다. 다시 시도해 주세요.',
  },
  buyer_left: {
    en: 'The payment window was closed. Nothing was charged.',
    ko: '결제창이 닫혔습니다. 결제되지 않았습니다.',
  },
  expired: { en: 'The time to pay was over. Nothing was charged.', ko: '결제 시간이 지났습니다. 결제되지 않았습니다.' },
  reservation_expired: {
    en: 'The reservation was over before the payment. Nothing was charged.',
    ko: '결제 전에 예약 시간이 끝났습니다. 결제되지 않았습니다.',
  },
  amount_differs: {
    en: 'The payment window named another amount. Nothing was charged.',
    ko: '결제 금액이 주문 금액과 다릅니다. 결제되지 않았습니다.',
  },
  interrupted: {
    en: 'The payment was interrupted, and no money was taken. Try again.',
    ko: '결제가 중단되었고 금액은 청구되지 않았습니다. 다시 시도해 주세요.',
  },
} as const satisfies Record<string, { en: string; ko: string }>

export type DeclineReason = keyof typeof declineReasons
