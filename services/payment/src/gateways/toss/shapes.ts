import { z } from 'zod'

/**
 * Toss's payment object, as far as it is read; more may be in it, and in `version` 2022-11-16 is.
 *
 * @see https://docs.tosspayments.com/reference#payment-객체
 */
export const paymentShape = z.looseObject({
  paymentKey: z.string().min(1),
  orderId: z.string(),
  status: z.enum([
    'READY',
    'IN_PROGRESS',
    'WAITING_FOR_DEPOSIT',
    'DONE',
    'CANCELED',
    'PARTIAL_CANCELED',
    'ABORTED',
    'EXPIRED',
  ]),
  totalAmount: z.number(),
  balanceAmount: z.number(),
  currency: z.string(),
  failure: z.looseObject({ code: z.string() }).nullish(),
  checkout: z.looseObject({ url: z.string() }).nullish(),
  virtualAccount: z
    .looseObject({
      accountNumber: z.string(),
      bankCode: z.string().nullish(),
      bank: z.string().nullish(),
      dueDate: z.string(),
    })
    .nullish(),
  cancels: z
    .array(z.looseObject({ transactionKey: z.string(), cancelAmount: z.number(), cancelStatus: z.string() }))
    .nullish(),
})
export type TossPayment = z.infer<typeof paymentShape>

export const errorShape = z.looseObject({ code: z.string() })

/** `PAYMENT_STATUS_CHANGED` has the payment in `data`; `DEPOSIT_CALLBACK` has its fields at the top. Both are unsigned. */
export const webhookShape = z.union([
  z
    .looseObject({ eventType: z.string(), data: z.looseObject({ orderId: z.string() }) })
    .transform(({ data }) => data.orderId),
  z.looseObject({ orderId: z.string(), secret: z.string() }).transform(({ orderId }) => orderId),
])

/** `fees` is missing in some answers; amounts suffice. */
export const settlementShape = z.array(
  z.looseObject({
    paymentKey: z.string(),
    orderId: z.string().optional(),
    amount: z.number(),
    currency: z.string().default('KRW'),
    fee: z.number(),
    payOutAmount: z.number(),
  }),
)
