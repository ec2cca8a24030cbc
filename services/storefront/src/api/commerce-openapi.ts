// Generated from the service’s OpenAPI document by `npm run api:types`; changed there, not here.

export interface paths {
  '/api/commerce/v1/account/addresses': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The caller’s addresses, the default first */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description All of them */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              items: components['schemas']['BookAddress'][]
            }
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    /** Add an address; the first one is the default */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['NewAddress']
        }
      }
      responses: {
        /** @description The address */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['BookAddress']
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
  '/api/commerce/v1/account/addresses/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Replace an address; orders keep the one that they were given */
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
          'application/json': components['schemas']['NewAddress']
        }
      }
      responses: {
        /** @description The address */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['BookAddress']
          }
        }
      }
    }
    post?: never
    /** Take an address out of the book; may be repeated */
    delete: {
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
        /** @description It is not there any more */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/accounts': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Sign up; the stream key is shown this once */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['SignUp']
        }
      }
      responses: {
        /** @description The account, a seller from the start */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['NewAccount']
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
  '/api/commerce/v1/accounts/{id}/business': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Whose business a seller’s is */
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
        /** @description What the seller said */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['SellerBusiness']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/accounts/{id}/followers': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** How many follow a seller; as it was a second ago */
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
        /** @description The number */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Followers']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/accounts/{id}/role': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Change what an account may do (admin); its sessions end */
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
          'application/json': components['schemas']['RolePatch']
        }
      }
      responses: {
        /** @description Changed */
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
  '/api/commerce/v1/accounts/{id}/stream-key': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Revoke an account’s stream key (admin); a live session on it ends */
    delete: {
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
        /** @description Revoked */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/accounts/me': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The caller’s account */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The account */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Account']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/accounts/me/business': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Say whose business the caller’s is, as receipts show it */
    put: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['SellerBusiness']
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
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/accounts/me/deletion': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Delete the account; orders and payments stay, under an id that leads to nobody */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['AccountDeletion']
        }
      }
      responses: {
        /** @description Deleted */
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
  '/api/commerce/v1/accounts/me/locale': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** The language that mails to the caller are in */
    put: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['AccountLocale']
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
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/accounts/me/password': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Change the password; the account’s other sessions end */
    put: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['PasswordChange']
        }
      }
      responses: {
        /** @description Changed */
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
  '/api/commerce/v1/accounts/me/shipping': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Say what the caller takes for sending, from the next order on; orders that were made keep what was agreed */
    put: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['SellerShipping']
        }
      }
      responses: {
        /** @description The rule, if there is one */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['SellerShippingOutput']
          }
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
  '/api/commerce/v1/accounts/me/verification-mails': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Have another link sent that verifies the caller’s address */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description On its way; at most three an hour, that of sign-up among them */
        202: {
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
  '/api/commerce/v1/barred-buyers': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Accounts of which the caller takes no orders, the last first */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description All of them, at most 1,000 */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['BarredBuyers']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/barred-buyers/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Take no more orders of an account; orders that there are stay */
    put: {
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
        /** @description Barred */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    post?: never
    /** Take an account’s orders again */
    delete: {
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
        /** @description Its orders are taken */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/broadcasts': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Broadcasts, newest first, with their pictures; `state=live` has interrupted ones too, `seller=me` those not listed */
    get: {
      parameters: {
        query?: {
          /** @description nextCursor of the page before */
          cursor?: string
          limit?: number
          /** @description an account’s id, or `me` */
          seller?: string
          state?: 'scheduled' | 'open' | 'live' | 'ended'
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
            'application/json': components['schemas']['BroadcastPage']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    /** Create a broadcast; without scheduledAt it opens at once */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['NewBroadcast']
        }
      }
      responses: {
        /** @description The broadcast */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Broadcast']
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
  '/api/commerce/v1/broadcasts/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** A broadcast with its products and their stock */
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
        /** @description The broadcast */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Broadcast']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/broadcasts/{id}/chat': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Say something to everybody who watches */
    post: {
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
          'application/json': components['schemas']['NewChat']
        }
      }
      responses: {
        /** @description It is on its way */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ChatMessage']
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
  '/api/commerce/v1/broadcasts/{id}/chat-acts': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Who did what in this broadcast’s chat, newest first */
    get: {
      parameters: {
        query?: {
          /** @description nextCursor of the page before */
          cursor?: string
          limit?: number
        }
        header?: never
        path: {
          id: string
        }
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
            'application/json': components['schemas']['ChatActPage']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/broadcasts/{id}/chat-file': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What was said, as CSV: names, roles and texts; kept for a day after the last message */
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
        /** @description UTF-8 with a byte order mark */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'text/csv': string
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/broadcasts/{id}/chat-notice': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Put a message or an announcement over the chat, or take it away */
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
          'application/json': components['schemas']['NewChatNotice']
        }
      }
      responses: {
        /** @description As the chat is set now */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ChatSettings']
          }
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
  '/api/commerce/v1/broadcasts/{id}/chat-restrictions': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Who is kept from the chats of this broadcast’s seller, the last first; of a moderator, by the caller */
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
        /** @description All of them, at most 1,000 */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ChatRestrictions']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/broadcasts/{id}/chat-restrictions/{accountId}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Mute, ban or shadow an account in all chats of this broadcast’s seller; a moderator mutes, for a day at most */
    put: {
      parameters: {
        query?: never
        header?: never
        path: {
          accountId: string
          id: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['NewChatRestriction']
        }
      }
      responses: {
        /** @description From its next message on */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    post?: never
    /** Let an account write again; a moderator, whom the same one muted */
    delete: {
      parameters: {
        query?: never
        header?: never
        path: {
          accountId: string
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description It may write */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/broadcasts/{id}/chat-settings': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    /** Freeze or thaw the chat, or set slow mode; viewers are told at once */
    patch: {
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
          'application/json': components['schemas']['ChatSettingsPatch']
        }
      }
      responses: {
        /** @description As it is set now */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ChatSettings']
          }
        }
      }
    }
    trace?: never
  }
  '/api/commerce/v1/broadcasts/{id}/chat/{chatId}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Take a message away; a moderator, what a viewer said */
    delete: {
      parameters: {
        query?: never
        header?: never
        path: {
          chatId: string
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description It is gone from every screen */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/broadcasts/{id}/chat/{chatId}/reports': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Report a message to the seller and the platform; once an account, whatever is repeated */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          chatId: string
          id: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['NewChatReport']
        }
      }
      responses: {
        /** @description Reported */
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
  '/api/commerce/v1/broadcasts/{id}/deals': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The deals of the caller’s show, newest first; units that do not remain were sold in them */
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
        /** @description At most 200 */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              items: components['schemas']['Deal'][]
            }
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    /** Start a timed deal on one of the show’s products: so many units for less, until a time; viewers are told (event `deal`), and orders placed meanwhile get the price */
    post: {
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
          'application/json': components['schemas']['NewDeal']
        }
      }
      responses: {
        /** @description The deal, which runs */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Deal']
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
  '/api/commerce/v1/broadcasts/{id}/end': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** End a broadcast for good */
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
        /** @description The broadcast */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Broadcast']
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
  '/api/commerce/v1/broadcasts/{id}/events': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What moves in a broadcast, and in the signed-in viewer’s orders, as server-sent events; Last-Event-ID goes on where a connection broke */
    get: {
      parameters: {
        query?: never
        header?: {
          'last-event-id'?: string
        }
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Events without end: `event:` is the type, `data:` its data as JSON */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'text/event-stream': components['schemas']['LiveEvent']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/broadcasts/{id}/hearts': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Give hearts; viewers are told the sum once a second */
    post: {
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
          'application/json': components['schemas']['NewHearts']
        }
      }
      responses: {
        /** @description Counted */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Hearts']
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
  '/api/commerce/v1/broadcasts/{id}/image': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Set a broadcast’s picture; it is re-encoded, the original is not kept */
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
          'image/avif': string
          'image/jpeg': string
          'image/png': string
          'image/webp': string
        }
      }
      responses: {
        /** @description Where its files are */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['UploadedImage']
          }
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
  '/api/commerce/v1/broadcasts/{id}/open': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Open a scheduled broadcast */
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
        /** @description The broadcast */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Broadcast']
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
  '/api/commerce/v1/broadcasts/{id}/pins': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Pin up to three of the broadcast’s products over the picture, in order */
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
          'application/json': components['schemas']['NewPins']
        }
      }
      responses: {
        /** @description Pinned */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Pin']
          }
        }
      }
    }
    /** Pin one of the broadcast’s products over the picture, or take the pin away */
    post: {
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
          'application/json': components['schemas']['NewPin']
        }
      }
      responses: {
        /** @description Pinned */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Pin']
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
  '/api/commerce/v1/broadcasts/{id}/products': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Make the tray of a show what is given: add, move, hide and take away products; viewers are told at once */
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
          'application/json': components['schemas']['NewTray']
        }
      }
      responses: {
        /** @description The broadcast */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Broadcast']
          }
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
  '/api/commerce/v1/broadcasts/{id}/report': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Sales beside viewers by the minute, buyers and products of a show; what was paid within a week of its end */
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
        /** @description The report */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ShowReport']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/categories': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What products are filed under: two levels, with names for people */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The tree, in the order in which it is shown */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Categories']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/chat-answers': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Answers that the caller keeps ready for the chat */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description All of them, in order */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ChatAnswers']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    /** Set all of them, at the revision that was read */
    put: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['ChatAnswers']
        }
      }
      responses: {
        /** @description As they are now */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ChatAnswers']
          }
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
  '/api/commerce/v1/chat-moderating': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Sellers whose chats the caller keeps, and who asks, the last first */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description At most 100 of each */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ChatModerating']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/chat-moderating/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Keep a seller’s chats no more */
    delete: {
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
        /** @description No moderator of theirs */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/chat-moderator-invites': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Ask whoever reads an e-mail address; the answer is the same whether it has an account */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['NewChatModeratorInvite']
        }
      }
      responses: {
        /** @description It waits for two weeks */
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
  '/api/commerce/v1/chat-moderator-invites/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Withdraw an invite, or say no to one */
    delete: {
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
        /** @description It is gone */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/chat-moderator-invites/{id}/acceptance': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Say yes to an invite to the caller’s confirmed e-mail address */
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
        /** @description A moderator from now on */
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
  '/api/commerce/v1/chat-moderators': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Who keeps the caller’s chats in order, and who is asked to, the last first */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description All of them */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ChatModerators']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/chat-moderators/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Have an account delete messages, mute, freeze and slow in the caller’s chats, and nothing else */
    put: {
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
        /** @description From now on */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    post?: never
    /** Dismiss a moderator: it may do nothing more from this answer on */
    delete: {
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
        /** @description It is none */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/chat-reports': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Reported messages of the caller’s shows, or for an admin of all, newest first */
    get: {
      parameters: {
        query?: {
          /** @description nextCursor of the page before */
          cursor?: string
          limit?: number
          state?: 'open' | 'removed' | 'kept'
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
            'application/json': components['schemas']['ChatReportPage']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/chat-reports/{id}/decision': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Take the message away, or leave it; a report that was decided stays so */
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
          'application/json': components['schemas']['ChatReportDecision']
        }
      }
      responses: {
        /** @description Decided */
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
  '/api/commerce/v1/chat-rules': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What the caller lets nobody write in their shows */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The rules */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ChatRules']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    /** Set them; they hold from the next message on */
    put: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['ChatRules']
        }
      }
      responses: {
        /** @description The rules */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ChatRules']
          }
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
  '/api/commerce/v1/claims/{id}/collect': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Take a return: its units are on their way back */
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
        /** @description The claim */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Claim']
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
  '/api/commerce/v1/claims/{id}/complete': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Grant a cancellation, or say that a return’s units are here: the money goes back, once */
    post: {
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
          'application/json': components['schemas']['ClaimCompletion']
        }
      }
      responses: {
        /** @description The claim */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Claim']
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
  '/api/commerce/v1/claims/{id}/reject': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Refuse a claim, with the reason; the order is as it was */
    post: {
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
          'application/json': components['schemas']['ClaimRejection']
        }
      }
      responses: {
        /** @description The claim */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Claim']
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
  '/api/commerce/v1/claims/{id}/withdraw': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Take back a claim that nobody has acted on; the order is as it was */
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
        /** @description The claim */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Claim']
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
  '/api/commerce/v1/coupons': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The caller’s coupons, or the platform’s, newest first, with how often they were used */
    get: {
      parameters: {
        query?: {
          /** @description the platform’s instead of the caller’s own */
          of?: 'platform'
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
              items: components['schemas']['Coupon'][]
            }
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    /** Make a coupon known: for the caller’s goods, or, of an admin, for every seller’s */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['NewCoupon']
        }
      }
      responses: {
        /** @description The coupon */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Coupon']
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
  '/api/commerce/v1/coupons/{id}/end': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** End a coupon now; orders that used it keep what it took off */
    post: {
      parameters: {
        query?: {
          /** @description the platform’s instead of the caller’s own */
          of?: 'platform'
        }
        header?: never
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The coupon */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Coupon']
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
  '/api/commerce/v1/deals/{id}/end': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** End a deal now; orders that were placed in it keep its price. May be repeated */
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
        /** @description The deal, which is over */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Deal']
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
  '/api/commerce/v1/email-verifications': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Show by a link from a mail that somebody reads the account’s address */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['EmailVerification']
        }
      }
      responses: {
        /** @description Verified */
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
  '/api/commerce/v1/follows': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Sellers whom the caller follows, the last first */
    get: {
      parameters: {
        query?: {
          /** @description nextCursor of the page before */
          cursor?: string
          limit?: number
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
            'application/json': components['schemas']['FollowPage']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/follows/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Whether the caller follows a seller, and how */
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
        /** @description It does */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Follow']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    /** Follow a seller, or change whether mails of shows are wanted */
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
          'application/json': components['schemas']['NewFollow']
        }
      }
      responses: {
        /** @description It follows */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Follow']
          }
        }
      }
    }
    post?: never
    /** Follow a seller no more */
    delete: {
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
        /** @description It does not follow */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/fulfilments': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** How the caller’s orders go: address, tracking, what may be done; others’ orders are left out */
    get: {
      parameters: {
        query: {
          /** @description ids of own orders, separated by commas */
          orders: string
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description One each */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              items: components['schemas']['Fulfilment'][]
            }
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/mail-stops': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Want no more mails of a seller’s shows, by the link of such a mail; needs no session */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['MailStop']
        }
      }
      responses: {
        /** @description No more of them, however often it is asked */
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
  '/api/commerce/v1/mail-stops/{token}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** To the page that asks whether to stop them: programs follow links by themselves, so this changes nothing */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          token: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The page */
        303: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    /** The same by one click in a mail program, which sends this form (RFC 8058) and no cookie */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          token: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          'application/x-www-form-urlencoded': components['schemas']['OneClick']
          'multipart/form-data': components['schemas']['OneClick']
        }
      }
      responses: {
        /** @description No more of them, however often it is asked */
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
  '/api/commerce/v1/order-quotes': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** What an order would cost now, sending included; nothing is reserved */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['NewOrder']
        }
      }
      responses: {
        /** @description The total, and what it is made of */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['OrderQuote']
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
  '/api/commerce/v1/orders': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The caller’s orders, newest first */
    get: {
      parameters: {
        query?: {
          /** @description nextCursor of the page before */
          cursor?: string
          limit?: number
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
              items: components['schemas']['Order'][]
              nextCursor: string | null
            }
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    /** Reserve units of one product, or of several in one order; answered when the order is durable */
    post: {
      parameters: {
        query?: never
        header?: {
          /** @description required; the same key never makes a second order */
          'idempotency-key'?: string
        }
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['NewOrder']
        }
      }
      responses: {
        /** @description The order; for a request seen before, the order it made */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Order']
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
  '/api/commerce/v1/orders/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One of the caller’s orders */
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
        /** @description The order */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Order']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/orders/{id}/address': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Say where an order goes, until it is on its way; its total follows until it is being paid */
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
          'application/json': components['schemas']['OrderAddress']
        }
      }
      responses: {
        /** @description How the order goes */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Fulfilment']
          }
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
  '/api/commerce/v1/orders/{id}/buyer': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The account that placed an order of the caller’s products */
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
        /** @description Its id and name */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['OrderBuyer']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/orders/{id}/cancel': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Give a reservation back; may be repeated */
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
        /** @description The released order */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Order']
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
  '/api/commerce/v1/orders/{id}/claims': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Call an order off before it is shipped, or send units of it back within a week of delivery */
    post: {
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
          'application/json': components['schemas']['NewClaim']
        }
      }
      responses: {
        /** @description The claim: done at once when nobody packs the order yet, else for its seller to decide */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Claim']
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
  '/api/commerce/v1/orders/{id}/confirm': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Confirm that an order came and stays; nothing of it can be sent back then */
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
        /** @description How the order goes */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Fulfilment']
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
  '/api/commerce/v1/orders/events': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What happens to the signed-in account’s orders, bought and sold, as server-sent events; signed in by the session’s cookie */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Events without end, as those of a broadcast */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'text/event-stream':
              | {
                  data: string
                  /** @constant */
                  event: 'order'
                  id?: string
                }
              | {
                  data: string
                  /** @constant */
                  event: 'fulfilment'
                  id?: string
                }
              | {
                  data: string
                  /** @constant */
                  event: 'offer'
                  id?: string
                }
              | {
                  data: string
                  /** @constant */
                  event: 'alive'
                  id?: string
                }
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/password-resets': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Have a link sent that sets a new password; the answer is the same whether the address has an account */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['PasswordResetRequest']
        }
      }
      responses: {
        /** @description If there is such an account, a mail is on its way; at most three an hour to one address */
        202: {
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
  '/api/commerce/v1/password-resets/use': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Set a new password by such a link; all sessions end, and guesses against the account are forgotten */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['PasswordReset']
        }
      }
      responses: {
        /** @description Set; sign in with it */
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
  '/api/commerce/v1/products': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Products, newest first; `seller=me` has those not listed, and drafts, too */
    get: {
      parameters: {
        query?: {
          /** @description with all that is under it */
          category?:
            | 'fashion'
            | 'fashion-women'
            | 'fashion-men'
            | 'fashion-shoes'
            | 'fashion-bags'
            | 'fashion-accessories'
            | 'beauty'
            | 'beauty-skincare'
            | 'beauty-makeup'
            | 'beauty-hair'
            | 'food'
            | 'food-fresh'
            | 'food-meals'
            | 'food-snacks'
            | 'food-drinks'
            | 'food-health'
            | 'home'
            | 'home-kitchen'
            | 'home-furniture'
            | 'home-supplies'
            | 'home-pets'
            | 'digital'
            | 'digital-devices'
            | 'digital-appliances'
            | 'kids'
            | 'kids-clothes'
            | 'kids-toys'
            | 'leisure'
            | 'leisure-sports'
            | 'leisure-books'
            | 'leisure-crafts'
            | 'leisure-tickets'
          /** @description nextCursor of the page before */
          cursor?: string
          limit?: number
          /** @description words that are all in the name, the last may be unfinished */
          q?: string
          /** @description an account’s id, or `me` */
          seller?: string
          /** @description prices are compared within a currency */
          sort?: 'newest' | 'cheapest' | 'dearest'
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
            'application/json': components['schemas']['ProductPage']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    /** Create a product with its stock */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['NewProduct']
        }
      }
      responses: {
        /** @description The product */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ProductDetails']
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
  '/api/commerce/v1/products.csv': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The caller’s products as CSV: a row for each variant, with price, stock, code and state */
    get: {
      parameters: {
        query?: {
          /** @description of the names of columns and states; both are taken back */
          language?: 'en' | 'ko'
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description UTF-8 with a byte order mark */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'text/csv': string
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    /** Create and change products by such a file, or say line by line what it would do and what is refused */
    post: {
      parameters: {
        query?: {
          /** @description false writes; true says what that would do */
          dryRun?: 'true' | 'false'
          /** @description `nextLine` of the answer before */
          fromLine?: number
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/vnd.ms-excel': string
          'text/csv': string
        }
      }
      responses: {
        /** @description What became of some of its products */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ProductImport']
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
  '/api/commerce/v1/products/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** A product with its stock and the stock’s version */
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
        /** @description The product */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ProductDetails']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
    /** Change a product; the price applies to orders placed from then on */
    patch: {
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
          'application/json': components['schemas']['ProductPatch']
        }
      }
      responses: {
        /** @description The product */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ProductDetails']
          }
        }
      }
    }
    trace?: never
  }
  '/api/commerce/v1/products/{id}/copies': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Copy a product with its pictures: a draft with nothing in stock */
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
        /** @description The copy */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ProductDetails']
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
  '/api/commerce/v1/products/{id}/image': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Set a product’s lead picture; it is re-encoded, the original is not kept */
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
          'image/avif': string
          'image/jpeg': string
          'image/png': string
          'image/webp': string
        }
      }
      responses: {
        /** @description Where its files are */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['UploadedImage']
          }
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
  '/api/commerce/v1/products/{id}/pictures': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Order a product’s pictures, and say what they show */
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
          'application/json': components['schemas']['PictureArrangement']
        }
      }
      responses: {
        /** @description All its pictures */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ProductPictures']
          }
        }
      }
    }
    /** Add a picture behind the others; the same one again changes nothing */
    post: {
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
          'image/avif': string
          'image/jpeg': string
          'image/png': string
          'image/webp': string
        }
      }
      responses: {
        /** @description All its pictures */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ProductPictures']
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
  '/api/commerce/v1/products/{id}/pictures/{imageId}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Remove a picture; orders keep the one that they show */
    delete: {
      parameters: {
        query?: never
        header?: never
        path: {
          id: string
          imageId: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The pictures that are left */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ProductPictures']
          }
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/products/{id}/stock': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Add units to a product’s stock, or take back what is left */
    post: {
      parameters: {
        query?: never
        header?: {
          /** @description a request sent again with the same key changes nothing */
          'idempotency-key'?: string
        }
        path: {
          id: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['Restock']
        }
      }
      responses: {
        /** @description The product */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ProductDetails']
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
  '/api/commerce/v1/products/{id}/variants': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The options of a product, and its variants with their stock and price */
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
        /** @description Those on sale */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Variants']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    /** Set the options and variants of a product; a variant is told by its values, and keeps its id */
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
          'application/json': components['schemas']['VariantPlan']
        }
      }
      responses: {
        /** @description Those on sale */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Variants']
          }
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
  '/api/commerce/v1/sales': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Orders of the caller’s products that were paid for, newest first, with their addresses */
    get: {
      parameters: {
        query?: {
          /** @description those with a claim that waits for the seller */
          claims?: 'open'
          /** @description nextCursor of the page before */
          cursor?: string
          /** @description those that should be on their way by now */
          late?: 'true'
          limit?: number
          /** @description the beginning of an order’s number, a tracking number, or a part of the recipient’s name */
          q?: string
          state?: 'PAID' | 'PREPARING' | 'SHIPPED' | 'DELIVERED' | 'CONFIRMED' | 'CANCELED' | 'RETURNED'
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
              items: components['schemas']['Sale'][]
              nextCursor: string | null
            }
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/sales.csv': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Orders of the caller’s products that were paid for on some days of Korea’s, with amounts, as CSV */
    get: {
      parameters: {
        query: {
          from: string
          /** @description how far they are; left out: all that were paid for */
          state?: 'PAID' | 'PREPARING' | 'SHIPPED' | 'DELIVERED' | 'CONFIRMED' | 'CANCELED' | 'RETURNED'
          to: string
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description UTF-8 with a byte order mark */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'text/csv': string
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/sales/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One of them, with what happened to it */
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
        /** @description The order */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['SaleDetail']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/sales/{id}/cancel': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Call an order off before it is shipped: all that is left of the money goes back */
    post: {
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
          'application/json': components['schemas']['Cancellation']
        }
      }
      responses: {
        /** @description The claim, done */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Claim']
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
  '/api/commerce/v1/sales/{id}/deliver': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Say that an order was delivered: its buyer has a week to send it back */
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
        /** @description The order */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Sale']
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
  '/api/commerce/v1/sales/{id}/prepare': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Begin to pack an order: from then on its buyer asks before it is called off */
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
        /** @description The order */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Sale']
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
  '/api/commerce/v1/sales/{id}/ship': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Say which carrier has an order; again, to correct it */
    post: {
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
          'application/json': components['schemas']['Shipment']
        }
      }
      responses: {
        /** @description The order */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Sale']
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
  '/api/commerce/v1/sales/files/{kind}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The oldest orders in a state, at most 1,000, for whoever packs: labels, or a pack list, as CSV */
    get: {
      parameters: {
        query?: {
          state?: 'PAID' | 'PREPARING'
        }
        header?: never
        path: {
          kind: 'labels' | 'pack-list'
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description UTF-8 with a byte order mark */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'text/csv': string
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/sales/shipments': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Ship many orders by pasted lines; each is answered by itself */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['ShipmentText']
        }
      }
      responses: {
        /** @description One for each line that is not empty */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['ShippedLines']
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
  '/api/commerce/v1/sellers/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** A seller, with whose business it is */
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
        /** @description The seller */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Seller']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/sellers/{id}/coupons': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What everybody may use of a seller’s goods now without a code, the platform’s included */
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
        /** @description At most 20 */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              items: components['schemas']['ShownCoupon'][]
            }
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/sellers/{id}/shipping': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What a seller takes for sending */
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
        /** @description The rule, if there is one */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['SellerShippingOutput']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
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
  '/api/commerce/v1/sessions': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Where the account is signed in, the newest first */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description At most 100 */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Sessions']
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    /** Sign in; the refresh token comes as a cookie */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['SignIn']
        }
      }
      responses: {
        /** @description An access token for ten minutes */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Session']
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
  '/api/commerce/v1/sessions/current': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Sign out: the session ends and its refresh cookie goes */
    delete: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Signed out */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/sessions/others': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** End every session of the account but this one */
    delete: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Ended */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/sessions/refresh': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Trade the refresh cookie for a new access token and a new cookie */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description A new access token */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Session']
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
  '/api/commerce/v1/stream-key': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Revoke the stream key; nothing can be published until it is rotated */
    delete: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Revoked */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/commerce/v1/stream-key/rotate': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** A new stream key, shown this once; a live session on the old one ends */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description The new key */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['RotatedStreamKey']
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
  '/api/commerce/v1/waiting-places': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What the caller waits for, and what is kept for them */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description All of it */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description all of them: an account has about 20 at most */
              items: components['schemas']['WaitingPlace'][]
            }
          }
        }
        /** @description what `If-None-Match` names is still so */
        304: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    put?: never
    /** Wait for what is sold out; may be repeated. A unit that comes back is kept for the first who waits for two minutes (event `offer`), to be ordered by POST /orders, then for the next */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['NewWaitingPlace']
        }
      }
      responses: {
        /** @description The place; for who has one, that */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['WaitingPlace']
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
  '/api/commerce/v1/waiting-places/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Wait no more, and leave what is kept to the next; may be repeated */
    delete: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @description `variantId` of the place */
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description It does not wait */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
}

export interface components {
  schemas: {
    Account: {
      displayName: string
      email: string
      /** @description somebody has shown to read the address */
      emailVerified: boolean
      id: string
      /**
       * @description the language of mails to the account
       * @enum {string}
       */
      locale: 'ko' | 'en'
      /** @description sellers whose chats it keeps in order; a process of the version before tells none */
      moderates?: string[]
      /** @enum {string} */
      role: 'viewer' | 'seller' | 'admin'
      /** @description What may be shown of the key; null last4 and a revokedAt once revoked */
      streamKey: {
        /** Format: date-time */
        issuedAt: string
        last4: string | null
        revokedAt: string | null
      }
    }
    /** @description The password again, since it cannot be undone */
    AccountDeletion: {
      password: string
    }
    AccountLocale: {
      /** @enum {string} */
      locale: 'ko' | 'en'
    }
    Address: {
      /**
       * @description ISO 3166-1 alpha-2
       * @default KR
       */
      country?: string
      /**
       * @description floor, flat, door code
       * @default
       */
      detail?: string
      /**
       * @description for whoever delivers it
       * @default
       */
      memo?: string
      phone: string
      /** @default  */
      postalCode?: string
      recipient: string
      roadAddress: string
    }
    AddressOutput: {
      /**
       * @description ISO 3166-1 alpha-2
       * @default KR
       */
      country: string
      /**
       * @description floor, flat, door code
       * @default
       */
      detail: string
      /**
       * @description for whoever delivers it
       * @default
       */
      memo: string
      phone: string
      /** @default  */
      postalCode: string
      recipient: string
      roadAddress: string
    }
    BarredBuyers: {
      items: {
        /** Format: date-time */
        barredAt: string
        displayName: string
        id: string
      }[]
    }
    BookAddress: {
      /**
       * @description ISO 3166-1 alpha-2
       * @default KR
       */
      country: string
      /**
       * @description floor, flat, door code
       * @default
       */
      detail: string
      id: string
      isDefault: boolean
      /**
       * @description for whoever delivers it
       * @default
       */
      memo: string
      phone: string
      /** @default  */
      postalCode: string
      recipient: string
      roadAddress: string
    }
    Broadcast: {
      /** Format: date-time */
      createdAt: string
      /** @description what the seller should change about the encoder */
      encoderAdvice: components['schemas']['EncoderAdvice'] | null
      endedAt: string | null
      endedBy: ('seller' | 'admin' | 'object_ended' | 'object_deleted' | 'refused') | null
      /** @description some seconds behind what the events tell */
      hearts: number
      /** @description of what nobody but its seller sees; none for others */
      hiddenProducts: components['schemas']['Product'][]
      /** @description where a page finds streams, if not at its own origin: before `/hls/` */
      hlsOrigin: string | null
      /** @description the playlist, once the broadcast is live */
      hlsUrl: string
      id: string
      imageUrls: components['schemas']['ImageUrls'] | null
      /** @description false: in no list; a process of the version before tells none */
      listed?: boolean
      liveAt: string | null
      openedAt: string | null
      /** @description the first of those pinned */
      pinnedProductId: string | null
      pinnedProductIds: string[]
      products: components['schemas']['Product'][]
      /** @description the playlist of its recording, once there is something of it; null: it is not recorded */
      recordingUrl: string | null
      /** @description of one that a rule of the platform refused: that rule, in its own words */
      refusal: string | null
      /** @description the server for the encoder; the stream key is the stream name */
      rtmpUrl: string
      scheduledAt: string | null
      sellerId: string
      sellerName: string
      /** @enum {string} */
      state: 'scheduled' | 'open' | 'live' | 'interrupted' | 'ended'
      title: string
      /** @description grows when products come, go, hide or move */
      trayRevision: number
      viewers: number
    }
    BroadcastPage: {
      items: components['schemas']['Broadcast'][]
      nextCursor: string | null
    }
    Cancellation: {
      reason: string
      /**
       * @description whether the units go on sale again
       * @default true
       */
      restock?: boolean
    }
    Categories: {
      items: {
        children: {
          en: string
          id: string
          ko: string
        }[]
        en: string
        id: string
        ko: string
      }[]
    }
    ChatActPage: {
      items: {
        /** @description whom it was done to */
        accountId: string | null
        /** @enum {string} */
        act:
          | 'delete'
          | 'mute'
          | 'ban'
          | 'shadow'
          | 'admit'
          | 'settings'
          | 'notice'
          | 'rules'
          | 'keep_reported'
          | 'remove_reported'
        actorId: string
        actorRole: string
        /** Format: date-time */
        at: string
        details: string
      }[]
      nextCursor: string | null
    }
    ChatAnswers: {
      items: {
        text: string
        title: string
      }[]
      /** @description grows with each change; 0: none was ever kept */
      revision: number
    }
    ChatMessage: {
      at: string
      author?: {
        id: string
        /** @enum {string} */
        role: 'host' | 'staff' | 'moderator' | 'viewer'
      }
      displayName: string
      id: string
      replyTo?: {
        displayName: string
        id: string
      }
      text: string
    }
    ChatModerating: {
      invites: {
        id: string
        /** Format: date-time */
        invitedAt: string
        sellerId: string
        sellerName: string
      }[]
      items: {
        /** Format: date-time */
        namedAt: string
        sellerId: string
        sellerName: string
      }[]
    }
    ChatModerators: {
      invites: {
        email: string
        id: string
        /** Format: date-time */
        invitedAt: string
      }[]
      items: {
        accountId: string
        displayName: string
        /** Format: date-time */
        namedAt: string
      }[]
    }
    ChatReport: {
      authorId: string
      authorName: string
      broadcastId: string
      chatId: string
      decidedAt: string | null
      id: string
      /**
       * @description of who reported it first
       * @enum {string}
       */
      reason: 'abuse' | 'spam' | 'fraud' | 'other'
      /** Format: date-time */
      reportedAt: string
      reporters: number
      /** @enum {string} */
      state: 'open' | 'removed' | 'kept'
      text: string
    }
    ChatReportDecision: {
      /** @enum {string} */
      decision: 'removed' | 'kept'
    }
    ChatReportPage: {
      items: components['schemas']['ChatReport'][]
      nextCursor: string | null
    }
    ChatRestrictions: {
      items: {
        accountId: string
        displayName: string
        /** @enum {string} */
        kind: 'mute' | 'ban' | 'shadow'
        /** Format: date-time */
        madeAt: string
        until: string | null
      }[]
    }
    ChatRules: {
      bannedWords: string[]
      /**
       * @description who may write links
       * @enum {string}
       */
      links: 'staff' | 'everybody'
    }
    ChatSettings: {
      frozen: boolean
      notice: {
        at: string
        chatId: string | null
        displayName: string
        /** @enum {string} */
        role: 'host' | 'staff' | 'viewer'
        text: string
      } | null
      revision: number
      slowSeconds: number
    }
    ChatSettingsPatch: {
      /** @description only the seller and staff may write */
      frozen?: boolean
      /** @description between two messages of one viewer */
      slowSeconds?: number
    }
    Claim: {
      /** @description of a seller who rejected it */
      answer: string
      /** Format: date-time */
      createdAt: string
      endedAt: string | null
      id: string
      items: {
        productId: string
        quantity: number
        /** @description of a product without options its own id */
        variantId: string
      }[]
      /** @enum {string} */
      kind: 'CANCEL' | 'RETURN'
      orderId: string
      reason: string
      refund: {
        /** @description null: all that was left */
        amount: components['schemas']['Money'] | null
        /** @description why it failed */
        reason: string | null
        /** @description what of the amount is for sending the order */
        shipping: components['schemas']['Money']
        /** @enum {string} */
        state: 'REQUESTED' | 'DONE' | 'FAILED'
      } | null
      restock: boolean | null
      /** @enum {string} */
      state: 'REQUESTED' | 'COLLECTING' | 'DONE' | 'REJECTED' | 'WITHDRAWN'
    }
    ClaimCompletion: {
      /** @description whether what sending the order cost goes back, too; left out: with the last of its units */
      refundShipping?: boolean
      /** @description whether the units go on sale again */
      restock: boolean
    }
    ClaimRejection: {
      /** @description why; its buyer reads it */
      answer: string
    }
    Coupon: {
      /** @description what it takes off the goods; null: `percent` does */
      amount: components['schemas']['Money'] | null
      /** @description whether a buyer whose order is refunded as a whole may use it again */
      backOnRefund: boolean
      /** @description null: everybody is shown it, and uses it without a code */
      code: string | null
      /** Format: date-time */
      endsAt: string
      id: string
      isPlatform: boolean
      /** @description of a percentage: what it takes off at most; null: no bound */
      maxDiscount: components['schemas']['Money'] | null
      /** @description what the goods cost at least, and the currency of the coupon */
      minimum: components['schemas']['Money']
      name: string
      percent: number | null
      /** Format: date-time */
      startsAt: string
      /** @description how often it can be used; null: without bound */
      total: number | null
      used: number
    }
    CouponNamed:
      | {
          code: string
        }
      | {
          id: string
        }
    Deal: {
      endsAt: string
      id: string
      off: components['schemas']['Money']
      productId: string
      remaining: number
      revision: number
      startsAt: string
      units: number
      unitsPerBuyer: number | null
    }
    Destination:
      | {
          /** @description of the address book */
          addressId: string
        }
      | {
          /**
           * @description the default of the address book; without one none
           * @constant
           */
          default: true
        }
      | components['schemas']['Address']
    EmailVerification: {
      /** @description from behind the # of the link */
      token: string
    }
    EncoderAdvice: {
      /** @enum {string} */
      code: 'no_key_frame' | 'key_frames_far_apart' | 'key_frames_not_idr' | 'sound_not_taken' | 'picture_not_taken'
      /** @description as it comes; null: not measured, or not what is the matter */
      keyFrameIntervalSeconds: number | null
      /** @description what to set it to */
      setKeyFrameIntervalSeconds: number
    }
    Follow: {
      /** Format: date-time */
      followedAt: string
      notify: boolean
      sellerId: string
      sellerName: string
    }
    Followers: {
      followers: number
    }
    FollowPage: {
      items: components['schemas']['Follow'][]
      nextCursor: string | null
    }
    Fulfilment: {
      address: components['schemas']['AddressOutput'] | null
      carrier: string | null
      claims: components['schemas']['Claim'][]
      /** @description when it counts as confirmed; until then it may be sent back */
      confirmsAt: string | null
      deliveredAt: string | null
      endedAt: string | null
      /** @description it should have been on its way by now */
      late: boolean
      /** @description what the caller may do to it now */
      mayDo: ('address' | 'prepare' | 'ship' | 'deliver' | 'confirm' | 'cancel' | 'return')[]
      orderId: string
      paidAt: string | null
      requiresShipping: boolean
      shippedAt: string | null
      /** @description null: it is not paid for */
      state: ('PAID' | 'PREPARING' | 'SHIPPED' | 'DELIVERED' | 'CONFIRMED' | 'CANCELED' | 'RETURNED') | null
      trackingNumber: string | null
      trackingUrl: string | null
    }
    Hearts: {
      hearts: number
    }
    /** @description Paths by size (320, 640, 1280 pixels wide at most) and format */
    ImageUrls: {
      card: {
        avif: string
        jpeg: string
        webp: string
      }
      full: {
        avif: string
        jpeg: string
        webp: string
      }
      list: {
        avif: string
        jpeg: string
        webp: string
      }
    }
    LiveEvent:
      | {
          data: string
          /** @constant */
          event: 'stock'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'variant_stock'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'price'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'deal'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'pin'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'tray'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'chat'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'chat_hidden'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'chat_settings'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'hearts'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'viewers'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'state'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'alive'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'order'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'fulfilment'
          id?: string
        }
      | {
          data: string
          /** @constant */
          event: 'offer'
          id?: string
        }
    /** @description What the link of a mail has behind # */
    MailStop: {
      token: string
    }
    Money: {
      amount: number
      currency: string
    }
    NewAccount: {
      displayName: string
      email: string
      id: string
      /** @enum {string} */
      role: 'viewer' | 'seller' | 'admin'
      streamKey: components['schemas']['StreamKey']
    }
    NewAddress: {
      /**
       * @description ISO 3166-1 alpha-2
       * @default KR
       */
      country?: string
      /**
       * @description floor, flat, door code
       * @default
       */
      detail?: string
      /** @default false */
      isDefault?: boolean
      /**
       * @description for whoever delivers it
       * @default
       */
      memo?: string
      phone: string
      /** @default  */
      postalCode?: string
      recipient: string
      roadAddress: string
    }
    NewBroadcast: {
      /**
       * @description false: a rehearsal, in no list; who has its address sees it
       * @default true
       */
      listed?: boolean
      /** @default [] */
      productIds?: string[]
      /**
       * @description whether it is kept as video on demand
       * @default false
       */
      recording?: boolean
      /**
       * Format: date-time
       * @description absent: it opens at once; else the seller opens it when the time has come
       */
      scheduledAt?: string
      title: string
    }
    NewChat: {
      /** @description the message that it answers */
      replyTo?: string
      text: string
    }
    NewChatModeratorInvite: {
      /** Format: email */
      email: string
    }
    /** @description What is to stand over the chat; neither takes away what is there */
    NewChatNotice: {
      /** @description a message of the chat */
      chatId?: string
      /** @description an announcement */
      text?: string
    }
    NewChatReport: {
      /** @enum {string} */
      reason: 'abuse' | 'spam' | 'fraud' | 'other'
    }
    NewChatRestriction: {
      /**
       * @description `ban` also takes away what was said; `shadow`: only its author sees it
       * @enum {string}
       */
      kind: 'mute' | 'ban' | 'shadow'
      /** @description for how long; null: for good */
      seconds: number | null
    }
    NewClaim: {
      /** @description of a return: which units */
      items?: {
        productId: string
        quantity: number
        /** @description required of a product with options: as the order’s item has it */
        variantId?: string
      }[]
      /** @enum {string} */
      kind: 'CANCEL' | 'RETURN'
      reason: string
    }
    NewCoupon: {
      /** @description what it takes off the goods; null: `percent` does */
      amount: components['schemas']['Money'] | null
      /** @description whether a buyer whose order is refunded as a whole may use it again */
      backOnRefund: boolean
      /** @description null: everybody is shown it, and uses it without a code */
      code: string | null
      /** Format: date-time */
      endsAt: string
      /**
       * @description for every seller’s goods; of an admin
       * @default false
       */
      isPlatform?: boolean
      /** @description of a percentage: what it takes off at most; null: no bound */
      maxDiscount: components['schemas']['Money'] | null
      /** @description what the goods cost at least, and the currency of the coupon */
      minimum: components['schemas']['Money']
      name: string
      percent: number | null
      /** Format: date-time */
      startsAt: string
      /** @description how often it can be used; null: without bound */
      total: number | null
    }
    NewDeal: {
      /** @description what each unit costs less, whichever variant; in the currency of the price */
      off: components['schemas']['Money']
      productId: string
      /** @description for how long, by the server’s clock */
      seconds: number
      /** @description how many are sold so, in all orders that are not released */
      units: number
      /**
       * @description of them, for one buyer; null: as many as are left
       * @default null
       */
      unitsPerBuyer?: number | null
    }
    NewFollow: {
      /** @description whether a mail is wanted when a show begins */
      notify: boolean
    }
    NewHearts: {
      hearts: number
    }
    /** @description Either `productId` and `quantity`, or `items` */
    NewOrder: {
      /** @description where it goes; without one sending costs what it does to a usual area, see PUT /orders/{id}/address */
      address?: components['schemas']['Destination']
      /** @description the broadcast that shows the products */
      broadcastId?: string
      /** @description what is to be taken off the goods; `expectedTotal` is without that */
      coupon?: components['schemas']['CouponNamed']
      /** @description what the buyer agreed to pay, sending included: with another total, as when a timed deal is over or used up, nothing is reserved (409 `price_changed`) */
      expectedTotal?: components['schemas']['Money']
      /** @description different products of one seller, in one currency: all of it is reserved, or nothing */
      items?: {
        productId: string
        quantity: number
        /** @description which variant; required of a product with options that has several */
        variantId?: string
      }[]
      productId?: string
      quantity?: number
      /** @description which variant; required of a product with options that has several */
      variantId?: string
    }
    NewPin: {
      /** @description null takes the pin away */
      productId: string | null
    }
    NewPins: {
      /** @description in order; none takes the pins away */
      productIds: string[]
    }
    NewProduct: {
      /**
       * @description an id of GET /categories
       * @default null
       */
      category?:
        | (
            | 'fashion'
            | 'fashion-women'
            | 'fashion-men'
            | 'fashion-shoes'
            | 'fashion-bags'
            | 'fashion-accessories'
            | 'beauty'
            | 'beauty-skincare'
            | 'beauty-makeup'
            | 'beauty-hair'
            | 'food'
            | 'food-fresh'
            | 'food-meals'
            | 'food-snacks'
            | 'food-drinks'
            | 'food-health'
            | 'home'
            | 'home-kitchen'
            | 'home-furniture'
            | 'home-supplies'
            | 'home-pets'
            | 'digital'
            | 'digital-devices'
            | 'digital-appliances'
            | 'kids'
            | 'kids-clothes'
            | 'kids-toys'
            | 'leisure'
            | 'leisure-sports'
            | 'leisure-books'
            | 'leisure-crafts'
            | 'leisure-tickets'
          )
        | null
      /** @default  */
      description?: string
      /**
       * @description true: nobody else sees it before it is published
       * @default false
       */
      draft?: boolean
      /** @description units one buyer may hold and buy, in all orders together; null: no limit */
      limitPerBuyer?: number | null
      name: string
      /** @description what buyers choose by; with `variants` */
      options?: {
        name: string
        values: string[]
      }[]
      price: components['schemas']['Price']
      /**
       * @description false for what is not sent anywhere: a ticket, a download; its orders need no address
       * @default true
       */
      requiresShipping?: boolean
      /** @description required, unless there are variants */
      stock?: number
      /** @description orders in which one buyer may hold it without paying; null: as the service is configured, 3 unless changed */
      unpaidOrdersPerBuyer?: number | null
      /** @description units one buyer may hold without paying; null: as the service is configured, 10 unless changed */
      unpaidUnitsPerBuyer?: number | null
      /** @description what is sold: the combinations of the options’ values */
      variants?: {
        /** @description in the currency of the product; left out: as it was, and of a new one that of the product */
        price?: components['schemas']['Price']
        sku?: string | null
        /** @description how many are left from now on; left out: as it was, and of a new one 0 */
        stock?: number
        /** @description a value for each option, in their order */
        values: string[]
      }[]
    }
    /** @description All products of a show, in order; what is left out is taken from it */
    NewTray: {
      items: {
        /** @default false */
        hidden?: boolean
        productId: string
      }[]
    }
    NewWaitingPlace: {
      productId: string
      /** @description which variant; required of a product with options that has several */
      variantId?: string
    }
    /** @description What `List-Unsubscribe-Post` of a mail says (RFC 8058 section 3.2) */
    OneClick: {
      /** @constant */
      'List-Unsubscribe': 'One-Click'
    }
    Order: {
      broadcastId: string | null
      /** Format: date-time */
      createdAt: string
      /** @description what a coupon took off the goods: the total is without it */
      discount: components['schemas']['Money']
      /** @description until when a reservation is held; null while a payment is under way, once paid for and once released */
      expiresAt: string | null
      id: string
      items: {
        /** @description the timed deal whose price it is */
        dealId: string | null
        imageUrls: components['schemas']['ImageUrls'] | null
        /** @description as it was called when it was ordered */
        name: string
        /** @description which variant it was, in words of that time */
        options: {
          name: string
          value: string
        }[]
        productId: string
        quantity: number
        unitPrice: components['schemas']['Money']
        /** @description of a product without options its own id */
        variantId: string
      }[]
      /** @description the payment that is under way or paid for it */
      paymentId: string | null
      /** @description null when the order has several products: see `items` */
      productId: string | null
      /** @description units of all products */
      quantity: number
      /** @description what went back of it */
      refunded: components['schemas']['Money']
      /** @description what of the total is for sending it */
      shipping: components['schemas']['Money']
      /** @enum {string} */
      state: 'RESERVED' | 'PAID' | 'RELEASED' | 'REFUNDED' | 'PARTIALLY_REFUNDED'
      /** @description sending included */
      total: components['schemas']['Money']
    }
    OrderAddress:
      | {
          /** @description of the address book */
          addressId: string
        }
      | components['schemas']['Address']
    OrderBuyer: {
      displayName: string
      id: string
    }
    OrderQuote: {
      /** @description what the coupon takes off the goods */
      discount: components['schemas']['Money']
      goods: components['schemas']['Money']
      /** @description `shipping` is that of a remote area */
      isRemote: boolean
      /** @description by which rule it is sent; null: that costs nothing */
      rule: components['schemas']['ShippingRule'] | null
      shipping: components['schemas']['Money']
      /** @description what to give as `expectedTotal` */
      total: components['schemas']['Money']
    }
    PasswordChange: {
      currentPassword: string
      newPassword: string
    }
    PasswordReset: {
      newPassword: string
      /** @description from behind the # of the link */
      token: string
    }
    PasswordResetRequest: {
      email: string
    }
    /** @description Every picture of the product, once each; the first leads */
    PictureArrangement: {
      pictures: {
        alt: string
        id: string
      }[]
    }
    Pin: {
      /** Format: date-time */
      at: string
      /** @description the first */
      productId: string | null
      productIds: string[]
    }
    Price: {
      amount: number
      currency: string
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
    Product: {
      category: string | null
      /** Format: date-time */
      createdAt: string
      /** @description the timed deal that runs */
      deal: components['schemas']['Deal'] | null
      description: string
      /** @description only its seller sees it */
      draft: boolean
      id: string
      imageUrls: components['schemas']['ImageUrls'] | null
      /** @description units one buyer may hold and buy, in all orders together; null: no limit */
      limitPerBuyer: number | null
      listed: boolean
      name: string
      /** @description not empty: it is ordered by its variants, GET /products/{id}/variants */
      options: components['schemas']['ProductOption'][]
      /** @description the lowest of its variants, where it has some */
      price: components['schemas']['Money']
      /** @description false for what is not sent anywhere: a ticket, a download; its orders need no address */
      requiresShipping: boolean
      /** @description of name, image and price: a higher one is newer */
      revision: number
      sellerId: string
      /** @description units that can be ordered now, of all its variants together */
      stock: number
      /** @description orders in which one buyer may hold it without paying; null: as the service is configured, 3 unless changed */
      unpaidOrdersPerBuyer: number | null
      /** @description units one buyer may hold without paying; null: as the service is configured, 10 unless changed */
      unpaidUnitsPerBuyer: number | null
      /** Format: date-time */
      updatedAt: string
      /** @description of the stock: a higher one is newer */
      version: number
    }
    ProductDetails: {
      category: string | null
      /** Format: date-time */
      createdAt: string
      /** @description the timed deal that runs */
      deal: components['schemas']['Deal'] | null
      description: string
      /** @description only its seller sees it */
      draft: boolean
      id: string
      imageUrls: components['schemas']['ImageUrls'] | null
      /** @description units one buyer may hold and buy, in all orders together; null: no limit */
      limitPerBuyer: number | null
      listed: boolean
      name: string
      /** @description not empty: it is ordered by its variants, GET /products/{id}/variants */
      options: components['schemas']['ProductOption'][]
      /** @description in order; the first leads */
      pictures: {
        alt: string
        id: string
        imageUrls: components['schemas']['ImageUrls']
      }[]
      /** @description the lowest of its variants, where it has some */
      price: components['schemas']['Money']
      /** @description false for what is not sent anywhere: a ticket, a download; its orders need no address */
      requiresShipping: boolean
      /** @description of name, image and price: a higher one is newer */
      revision: number
      sellerId: string
      /** @description units that can be ordered now, of all its variants together */
      stock: number
      /** @description orders in which one buyer may hold it without paying; null: as the service is configured, 3 unless changed */
      unpaidOrdersPerBuyer: number | null
      /** @description units one buyer may hold without paying; null: as the service is configured, 10 unless changed */
      unpaidUnitsPerBuyer: number | null
      /** Format: date-time */
      updatedAt: string
      /** @description of the stock: a higher one is newer */
      version: number
    }
    ProductImport: {
      dryRun: boolean
      /** @description how the file was read; `euc-kr` is CP949; null: it could not be */
      encoding: ('utf-8' | 'utf-16le' | 'euc-kr') | null
      /** @description of the whole file: nothing of it is taken */
      faults: {
        /** @description as the file names it in English; null: the whole row */
        column: string | null
        /** @description what the rule is about: another line, a bound, what there is instead */
        hint: string
        /** @description of the file, the header’s is 1 */
        line: number
        /** @enum {string} */
        rule:
          | 'encoding'
          | 'encoding_unclear'
          | 'quotes'
          | 'row_too_long'
          | 'too_many_rows'
          | 'no_rows'
          | 'unknown_column'
          | 'repeated_column'
          | 'missing_column'
          | 'extra_cells'
          | 'value'
          | 'required'
          | 'not_found'
          | 'repeated'
          | 'differs'
          | 'currency'
          | 'sku_taken'
          | 'options'
          | 'values'
          | 'no_options'
          | 'variant_required'
          | 'too_many_variants'
          | 'stock_base'
          | 'stock_too_large'
          | 'not_draft'
          | 'other_line'
      }[]
      /** @description each row of the products that this answer is about, those of a product together */
      lines: {
        changes: {
          column: string
          from: string | null
          to: string
        }[]
        /** @enum {string} */
        deed: 'create' | 'change' | 'same' | 'refused'
        faults: {
          /** @description as the file names it in English; null: the whole row */
          column: string | null
          /** @description what the rule is about: another line, a bound, what there is instead */
          hint: string
          /** @description of the file, the header’s is 1 */
          line: number
          /** @enum {string} */
          rule:
            | 'encoding'
            | 'encoding_unclear'
            | 'quotes'
            | 'row_too_long'
            | 'too_many_rows'
            | 'no_rows'
            | 'unknown_column'
            | 'repeated_column'
            | 'missing_column'
            | 'extra_cells'
            | 'value'
            | 'required'
            | 'not_found'
            | 'repeated'
            | 'differs'
            | 'currency'
            | 'sku_taken'
            | 'options'
            | 'values'
            | 'no_options'
            | 'variant_required'
            | 'too_many_variants'
            | 'stock_base'
            | 'stock_too_large'
            | 'not_draft'
            | 'other_line'
        }[]
        line: number
        name: string
        productId: string | null
      }[]
      /** @description send the same file again with it as `fromLine`; null: all of it is done */
      nextLine: number | null
      products: {
        done: number
        inFile: number
      }
    }
    ProductOption: {
      name: string
      values: string[]
    }
    ProductPage: {
      items: components['schemas']['Product'][]
      nextCursor: string | null
    }
    ProductPatch: {
      /** @description an id of GET /categories */
      category?:
        | (
            | 'fashion'
            | 'fashion-women'
            | 'fashion-men'
            | 'fashion-shoes'
            | 'fashion-bags'
            | 'fashion-accessories'
            | 'beauty'
            | 'beauty-skincare'
            | 'beauty-makeup'
            | 'beauty-hair'
            | 'food'
            | 'food-fresh'
            | 'food-meals'
            | 'food-snacks'
            | 'food-drinks'
            | 'food-health'
            | 'home'
            | 'home-kitchen'
            | 'home-furniture'
            | 'home-supplies'
            | 'home-pets'
            | 'digital'
            | 'digital-devices'
            | 'digital-appliances'
            | 'kids'
            | 'kids-clothes'
            | 'kids-toys'
            | 'leisure'
            | 'leisure-sports'
            | 'leisure-books'
            | 'leisure-crafts'
            | 'leisure-tickets'
          )
        | null
      description?: string
      /**
       * @description publishes a draft; what was shown once is none again
       * @constant
       */
      draft?: false
      /** @description units one buyer may hold and buy, in all orders together; null: no limit */
      limitPerBuyer?: number | null
      /** @description false takes it off sale and hides it from lists; true publishes a draft */
      listed?: boolean
      name?: string
      /** @description of all its variants, where it has some */
      price?: components['schemas']['Price']
      /** @description false for what is not sent anywhere: a ticket, a download; its orders need no address */
      requiresShipping?: boolean
      /** @description how many are left from now on; to add units while they sell, POST /products/{id}/stock; of a product with options PUT /products/{id}/variants */
      stock?: number
      /** @description orders in which one buyer may hold it without paying; null: as the service is configured, 3 unless changed */
      unpaidOrdersPerBuyer?: number | null
      /** @description units one buyer may hold without paying; null: as the service is configured, 10 unless changed */
      unpaidUnitsPerBuyer?: number | null
    }
    ProductPictures: {
      /** @description in order; the first leads */
      pictures: {
        alt: string
        id: string
        imageUrls: components['schemas']['ImageUrls']
      }[]
    }
    Restock: {
      /** @description added; negative takes back what is left, at most so many */
      units: number
      /** @description required of a product with options */
      variantId?: string
    }
    RolePatch: {
      /** @enum {string} */
      role: 'viewer' | 'seller' | 'admin'
    }
    RotatedStreamKey: {
      streamKey: components['schemas']['StreamKey']
    }
    Sale: {
      buyerName: string
      fulfilment: components['schemas']['Fulfilment']
      order: components['schemas']['Order']
    }
    SaleDetail: {
      buyerName: string
      fulfilment: components['schemas']['Fulfilment']
      history: {
        action: string
        /** Format: date-time */
        at: string
        /** @enum {string} */
        by: 'buyer' | 'seller' | 'admin' | 'system'
        details: string
      }[]
      order: components['schemas']['Order']
    }
    Seller: {
      business: components['schemas']['SellerBusiness'] | null
      displayName: string
      id: string
    }
    SellerBusiness: {
      address: string
      /** @description 사업자등록번호, ten digits */
      businessNumber: string
      /** @description 통신판매업 신고번호 */
      mailOrderNumber: string
      /** @description 상호 */
      name: string
      phone: string
      /** @description 대표자 */
      representative: string
    }
    SellerShipping: {
      /** @description null: sending costs nothing */
      rule: components['schemas']['ShippingRule'] | null
    }
    SellerShippingOutput: {
      /** @description null: sending costs nothing */
      rule: components['schemas']['ShippingRule'] | null
    }
    /** @description The refresh token comes as a cookie */
    Session: {
      accessToken: string
      /** Format: date-time */
      expiresAt: string
    }
    Sessions: {
      items: {
        /** Format: date-time */
        createdAt: string
        /** @description the one that asks */
        current: boolean
        /** Format: date-time */
        expiresAt: string
        id: string
      }[]
    }
    Shipment: {
      /** @description as it is called; parcels of those that we know can be looked for by a link */
      carrier: string
      trackingNumber: string
    }
    ShipmentText: {
      /** @description lines of `order number, carrier, tracking number`, at most 500 */
      text: string
    }
    ShippedLines: {
      items: {
        /** @description null: it is on its way; else `malformed`, `repeated`, `not_found`, `order_state`, `address_missing`, `claim_open` */
        code: string | null
        line: number
        orderId: string | null
      }[]
    }
    ShippingRule: {
      /** @description for each order */
      fee: components['schemas']['Money']
      /** @description no fee when what is sent costs as much; null: there always is */
      freeOver: components['schemas']['Money'] | null
      /** @description what Jeju and islands cost more, by the postal code of a Korean address, whether the rest is free or not */
      remoteSurcharge: components['schemas']['Money']
      /** @description what a buyer pays at most for all orders of a show, the surcharge coming on top once; the same as `fee`: once; null: for each order */
      showCap: components['schemas']['Money'] | null
    }
    ShownCoupon: {
      /** @description what it takes off the goods; null: `percent` does */
      amount: components['schemas']['Money'] | null
      /** @description whether a buyer whose order is refunded as a whole may use it again */
      backOnRefund: boolean
      /** Format: date-time */
      endsAt: string
      id: string
      isPlatform: boolean
      isUsedUp: boolean
      /** @description of a percentage: what it takes off at most; null: no bound */
      maxDiscount: components['schemas']['Money'] | null
      /** @description what the goods cost at least, and the currency of the coupon */
      minimum: components['schemas']['Money']
      name: string
      percent: number | null
      /** Format: date-time */
      startsAt: string
    }
    ShowReport: {
      /** @description accounts that paid */
      buyers: number
      /** @description buyers for each viewer of the fullest minute; null: nobody watched */
      conversion: number | null
      /** @description what coupons took off: the sales are without it */
      discounts: components['schemas']['Money'][]
      hearts: number
      minutes: {
        /** Format: date-time */
        at: string
        orders: number
        sales: components['schemas']['Money'][]
        units: number
        /** @description the most at once; null: nobody counted */
        viewers: number | null
      }[]
      orders: number
      peakViewers: number
      products: {
        name: string
        productId: string
        sales: components['schemas']['Money']
        units: number
      }[]
      refunded: components['schemas']['Money'][]
      /** @description paid, by currency */
      sales: components['schemas']['Money'][]
      /** @description what of the sales is for sending */
      shipping: components['schemas']['Money'][]
      units: number
    }
    SignIn: {
      email: string
      password: string
    }
    SignUp: {
      displayName: string
      /** Format: email */
      email: string
      /**
       * @description the language of mails to the account
       * @default ko
       * @enum {string}
       */
      locale?: 'ko' | 'en'
      password: string
    }
    /** @description The stream name for RTMP; shown this once */
    StreamKey: string
    UploadedImage: {
      imageUrls: components['schemas']['ImageUrls']
    }
    /** @description All of the product’s variants; those that are not here are sold no more */
    VariantPlan: {
      options: {
        name: string
        values: string[]
      }[]
      variants: {
        /** @description in the currency of the product; left out: as it was, and of a new one that of the product */
        price?: components['schemas']['Price']
        sku?: string | null
        /** @description how many are left from now on; left out: as it was, and of a new one 0 */
        stock?: number
        /** @description a value for each option, in their order */
        values: string[]
      }[]
    }
    /** @description In the seller’s order; none: the product has no options and is ordered itself */
    Variants: {
      options: components['schemas']['ProductOption'][]
      variants: {
        id: string
        price: components['schemas']['Money']
        /** @description of name, options, image and price: a higher one is newer */
        revision: number
        sku: string | null
        stock: number
        /** @description a value for each option, in their order */
        values: string[]
        /** @description of the stock: a higher one is newer */
        version: number
      }[]
    }
    WaitingPlace: {
      /** @description until when a unit is kept for them, to be ordered as any other */
      offeredUntil: string | null
      /** @description 1: the next unit that comes back is theirs; 0: one is kept for them */
      position: number
      productId: string
      /** @description of a product without options its own id */
      variantId: string
    }
  }
  responses: never
  parameters: never
  requestBodies: never
  headers: never
  pathItems: never
}
