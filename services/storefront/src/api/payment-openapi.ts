// Generated from the service’s OpenAPI document by `npm run api:types`; changed there, not here.

export interface paths {
  '/api/payment/v1/audit': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Who did what to payments, newest first */
    get: {
      parameters: {
        query?: {
          subject?: string
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description At most 200 */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              items: components['schemas']['AuditEntry'][]
            }
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/card-tokens': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Turn a card into a token for one payment */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['CardTokenRequest']
        }
      }
      responses: {
        /** @description The token; it is good once and until expiresAt */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['CardToken']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/events/{seq}/retries': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Tell commerce an event again that it refused too often */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          seq: number
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description It is taken up now */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/payment-methods': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** How a price in a currency may be paid, the preferred first */
    get: {
      parameters: {
        query: {
          currency: string
          /** @description for an order that was placed in a broadcast */
          live?: string
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Each method once; none where no gateway takes it */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['PaymentMethods']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/payments': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Payments, newest first: one’s purchases, one’s sales, or all for an admin */
    get: {
      parameters: {
        query?: {
          as?: 'buyer' | 'seller' | 'admin'
          cursor?: string
          limit?: number
          orderId?: string
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description One page */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              items: components['schemas']['Payment'][]
              nextCursor: string | null
            }
          }
        }
      }
    }
    put?: never
    /** Pay a reserved order; processed after the answer, or in the window that `next` leads to */
    post: {
      parameters: {
        query?: never
        header: {
          'idempotency-key': string
        }
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': {
            /** @description absent: paid in a window of the gateway, or the order costs nothing */
            cardToken?: string
            /**
             * @description one that /payment-methods offers to be paid in a window
             * @default card
             * @enum {string}
             */
            method?: 'card' | 'transfer' | 'mobile' | 'easy_pay' | 'virtual_account'
            orderId: string
          }
        }
      }
      responses: {
        /** @description Accepted; its state is at /payments/{id}, and `next` says where the browser goes now */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Payment']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/payments/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Read a payment: as its buyer, its seller, or an admin */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The payment as it is now */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Payment']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/payments/{id}/cancellations': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Its buyer will not pay in any more: the account is closed and the reservation is free for another way to pay */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Accepted; what was paid in meanwhile pays */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Payment']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/payments/{id}/queries': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Ask the gateway what it knows of a payment; changes nothing */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The gateway’s word */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['GatewayWord']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/payments/{id}/refund-account': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** On which account its buyer gets back what was paid into a virtual one; kept until all of it went back */
    put: {
      parameters: {
        query?: never
        header?: never
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['RefundAccount']
        }
      }
      responses: {
        /** @description Noted; what is owed goes there now */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/payments/{id}/refunds': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The refunds of a payment, with the law’s clock: its buyer, its seller, or an admin */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description All of them, oldest first */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              items: components['schemas']['Refund'][]
            }
          }
        }
      }
    }
    put?: never
    /** Give money back: the order’s seller or an admin */
    post: {
      parameters: {
        query?: never
        header: {
          'idempotency-key': string
        }
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': {
            amount?: {
              amount: number
              currency: string
            }
            /** @default true */
            restock?: boolean
          }
        }
      }
      responses: {
        /** @description Accepted */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Refund']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/payments/{id}/retries': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Have a payment taken up at once */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description It is taken up now */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/payments/{id}/returns/{token}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Where a gateway’s window leads the browser back to, with what the gateway appends; any number of times */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          id: string
          token: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description To the page that tells how the payment stands */
        303: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/payouts': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What a seller is owed over some days: sales, refunds and fees, and the balance after each, as CSV */
    get: {
      parameters: {
        query: {
          from: string
          /** @description for an admin; a seller reads his own */
          sellerId?: string
          to: string
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The statement; days are Korea’s */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'text/csv': string
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/refunds/{id}/retries': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Have a refund taken up at once */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description It is taken up now */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/settlements': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The days that were compared with the gateways’ settlements, newest first, and the differences */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The last days, and all differences that are open, oldest first */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              days: components['schemas']['SettlementDay'][]
              differences: components['schemas']['SettlementDifference'][]
            }
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/stuck-payments': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Payments, refunds and events that wait longer than they should, oldest first */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description At most 200 of each */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['StuckPayments']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/stuck-payments/retries': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Have everything taken up at once that was set aside: payments, refunds, and events for commerce */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description How many of each; at most 200, the oldest */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Retried']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/payment/v1/webhooks/{gateway}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** A gateway’s hint that payments changed: nothing in it is believed, the gateway is asked */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          gateway: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': string
        }
      }
      responses: {
        /** @description Noted */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
}

export interface components {
  schemas: {
    AuditEntry: {
      action: string
      actorId: string
      actorRole: string
      /** Format: date-time */
      at: string
      details: string
      subject: string
    }
    CardToken: {
      brand: string
      /** Format: date-time */
      expiresAt: string
      last4: string
      token: string
    }
    CardTokenRequest: {
      cvc: string
      expiryMonth: number
      expiryYear: number
      number: string
    }
    /** @description What the browser does next: nothing but wait, or go to the window */
    ClientAction:
      | {
          /** @constant */
          kind: 'nothing'
        }
      | {
          /** @constant */
          kind: 'redirect'
          url: string
        }
      | {
          /** @constant */
          kind: 'sdk'
          parameters: {
            [key: string]: string | number
          }
          /** @constant */
          sdk: 'portone'
        }
    GatewayWord: {
      /** @description minor units */
      amount: number | null
      code: string | null
      currency: string | null
      refunded: number | null
      /** @description PAID, HELD, WAITING_DEPOSIT, DECLINED, EXPIRED, PENDING, NOT_FOUND or UNCLEAR */
      status: string
    }
    Money: {
      amount: number
      currency: string
    }
    Payment: {
      /** @description null until the order is claimed */
      amount: components['schemas']['Money'] | null
      card: {
        brand: string
        last4: string
      } | null
      /** Format: date-time */
      createdAt: string
      /** @description WAITING_DEPOSIT: where its buyer pays in to, the whole amount at once, and until when */
      deposit: {
        accountNumber: string
        bank: string
        /** Format: date-time */
        until: string
      } | null
      failureReason: string | null
      id: string
      /** @description money goes back once its buyer says on which account: PUT /payments/{id}/refund-account */
      needsRefundAccount: boolean
      next: components['schemas']['ClientAction']
      orderId: string
      refunded: components['schemas']['Money'] | null
      /** @enum {string} */
      state:
        | 'REQUESTED'
        | 'PROCESSING'
        | 'UNKNOWN'
        | 'AUTHORIZED'
        | 'CAPTURED'
        | 'DECLINED'
        | 'CANCELED'
        | 'PARTIALLY_REFUNDED'
        | 'REFUNDED'
        | 'WAITING_DEPOSIT'
    }
    PaymentMethods: {
      items: {
        /**
         * @description a card that is entered here, the window of its gateway, or an account to pay in to
         * @enum {string}
         */
        entry: 'card' | 'window' | 'deposit'
        /** @enum {string} */
        method: 'card' | 'transfer' | 'mobile' | 'easy_pay' | 'virtual_account'
      }[]
    }
    Problem: {
      code: string
      detail?: string
      errors?: {
        message: string
        path: string
      }[]
      requestId?: string
      status: number
      title: string
      total?: components['schemas']['Money']
      type: string
      variants?: {
        id: string
        price: components['schemas']['Money']
        stock: number
        values: string[]
      }[]
    }
    Refund: {
      amount: components['schemas']['Money']
      /**
       * Format: date-time
       * @description by law the money is back by then: three business days in Korea
       */
      dueAt: string
      failureReason: string | null
      id: string
      /** @description owed to the buyer for days after that, 15 % a year */
      lateInterest: components['schemas']['Money']
      paymentId: string
      /** Format: date-time */
      requestedAt: string
      restock: boolean
      /** @enum {string} */
      state: 'REQUESTED' | 'DONE' | 'FAILED'
    }
    RefundAccount: {
      /** @description the bank’s code */
      bank: string
      holder: string
      number: string
    }
    Retried: {
      events: number
      payments: number
      refunds: number
    }
    SettlementDay: {
      /** Format: date-time */
      comparedAt: string
      /** Format: date */
      day: string
      gateway: string
      payments: number
      /** @description minor units, by the currency that the gateway pays out in */
      sums: {
        currency: string
        fees: number
        payout: number
      }[]
    }
    SettlementDifference: {
      currency: string
      /** Format: date-time */
      foundAt: string
      gateway: string
      kind: string
      /** @description minor units */
      ours: number
      paymentId: string | null
      reference: string
      resolvedAt: string | null
      theirs: number
    }
    StuckPayments: {
      events: {
        /** @description the order */
        key: string
        lastError: string
        seq: number
        /** Format: date-time */
        since: string
        type: string
      }[]
      payments: {
        /** @description null until the order is claimed */
        amount: components['schemas']['Money'] | null
        /** @description since when it is asked about in vain */
        askedSince: string | null
        attempts: number
        card: {
          brand: string
          last4: string
        } | null
        /** Format: date-time */
        createdAt: string
        /** @description WAITING_DEPOSIT: where its buyer pays in to, the whole amount at once, and until when */
        deposit: {
          accountNumber: string
          bank: string
          /** Format: date-time */
          until: string
        } | null
        failureReason: string | null
        gateway: string
        id: string
        /** @description why it is asked again */
        lastWord: string | null
        /** @description money goes back once its buyer says on which account: PUT /payments/{id}/refund-account */
        needsRefundAccount: boolean
        next: components['schemas']['ClientAction']
        /** @description null: it was set aside, and waits for a person */
        nextAttemptAt: string | null
        orderId: string
        /** @description what its gateway took, no order is paid with, and could not go back to its buyer yet */
        owed: components['schemas']['Money'] | null
        refunded: components['schemas']['Money'] | null
        /** @enum {string} */
        state:
          | 'REQUESTED'
          | 'PROCESSING'
          | 'UNKNOWN'
          | 'AUTHORIZED'
          | 'CAPTURED'
          | 'DECLINED'
          | 'CANCELED'
          | 'PARTIALLY_REFUNDED'
          | 'REFUNDED'
          | 'WAITING_DEPOSIT'
      }[]
      refunds: {
        amount: components['schemas']['Money']
        /**
         * Format: date-time
         * @description by law the money is back by then: three business days in Korea
         */
        dueAt: string
        failureReason: string | null
        id: string
        isSetAside: boolean
        lastWord: string | null
        /** @description owed to the buyer for days after that, 15 % a year */
        lateInterest: components['schemas']['Money']
        paymentId: string
        /** Format: date-time */
        requestedAt: string
        restock: boolean
        /** @enum {string} */
        state: 'REQUESTED' | 'DONE' | 'FAILED'
      }[]
      /** @description taken by a gateway of an order that is not paid with it, and given back; of 30 days, newest first */
      returned: {
        amount: components['schemas']['Money']
        /** Format: date-time */
        at: string
        gateway: string
        paymentId: string
        reason: string
      }[]
    }
  }
  responses: never
  parameters: never
  requestBodies: never
  headers: never
  pathItems: never
}
