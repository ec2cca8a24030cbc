import { moneyText, orderRows, pageOf, type Wording } from './mail-facts.ts'

/** English. Mails that anybody can have sent to anybody (verify, reset) have no word in them that a stranger chose. */
export const en: Wording = (facts) => {
  const { order } = facts
  const orders = { link: pageOf({ publicUrl: facts.publicUrl }, '/orders'), label: 'Your orders' }
  const forgot = { link: pageOf({ publicUrl: facts.publicUrl }, '/account/forgot'), label: 'Set another password' }
  switch (facts.kind) {
    case 'verify_email':
      return {
        subject: 'Confirm your e-mail address',
        blocks: [
          'An account was made with this e-mail address. Confirm that it is yours:',
          { link: pageOf(facts, '/account/verify'), label: 'Confirm the address' },
          'The link is good for 24 hours and for one use. If you made no account, do nothing.',
        ],
      }
    case 'password_reset':
      return {
        subject: 'Set a new password',
        blocks: [
          'Somebody asked to set a new password for your account. If it was you:',
          { link: pageOf(facts, '/account/reset'), label: 'Set a new password' },
          'The link is good for 30 minutes and for one use. If you did not ask, do nothing: your password stays as it is.',
        ],
      }
    case 'password_changed':
      return {
        subject: 'Your password was changed',
        blocks: [
          `The password of your account was changed on ${facts.at.toISOString().slice(0, 16).replace('T', ' ')} UTC, and all other sign-ins were ended.`,
          'If that was not you, set another one now:',
          forgot,
        ],
      }
    case 'order_paid':
      return {
        subject: `Receipt for order ${facts.data.orderId}`,
        blocks: [
          'Thank you. Your order is paid.',
          ...orderRows(order, 'en', { shipping: 'Shipping', discount: 'Coupon', total: 'Total' }),
          orders,
        ],
      }
    case 'order_refunded':
      return {
        subject: `Refund for order ${facts.data.orderId}`,
        blocks: [
          `${moneyText(facts.data.refunded, 'en')} went back to the card or account that you paid with. Banks take some days to show it.`,
          ...orderRows(order, 'en', { shipping: 'Shipping', discount: 'Coupon', total: 'Total of the order' }),
          orders,
        ],
      }
    case 'order_shipped':
      return {
        subject: `Order ${facts.data.orderId} is on its way`,
        blocks: [
          `Your order was handed to ${facts.data.carrier}, tracking number ${facts.data.trackingNumber}.`,
          ...(facts.data.trackingUrl === null ? [] : [{ link: facts.data.trackingUrl, label: 'Where is it?' }]),
          ...orderRows(order, 'en', { shipping: 'Shipping', discount: 'Coupon', total: 'Total' }),
          orders,
        ],
      }
    case 'show_starts':
      return {
        subject: `Live now: ${facts.data.title}`,
        blocks: [
          `${facts.data.title} has begun.`,
          { link: pageOf({ publicUrl: facts.publicUrl }, `/watch/${facts.data.broadcastId}`), label: 'Watch' },
          { link: pageOf(facts, '/account/mail-stop'), label: 'No more mails of this seller’s shows' },
        ],
      }
  }
}
