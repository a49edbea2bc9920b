/** The messages of the sample's customers, and their feedback. */

export interface SampleConversation {
  readonly id: string;
  readonly customerId: string;
  /** Conversations of one visit to the shop's site share it. */
  readonly sessionId: string;
  readonly channel: 'chat' | 'email';
  /** One message for each turn. */
  readonly messages: readonly string[];
  readonly feedback: {
    /** 1 to 5 stars. */
    readonly rating?: number;
    readonly resolved: boolean;
    readonly comment?: string;
  };
}

export const CONVERSATIONS: readonly SampleConversation[] = [
  {
    id: 'talk-01',
    customerId: 'customer-01',
    sessionId: 'visit-501',
    channel: 'chat',
    messages: [
      'Hi, I would like to send back a backpack and get a refund.',
      'Sure, the order is M-1042.',
      'It is unused, the tags are still on.',
      'Great, thank you!',
    ],
    feedback: { rating: 5, resolved: true },
  },
  {
    id: 'talk-02',
    customerId: 'customer-02',
    sessionId: 'visit-502',
    channel: 'chat',
    messages: [
      'Where is my parcel? Order M-1057. We leave for the hills on Saturday.',
      'Thanks, that will do.',
    ],
    feedback: { rating: 4, resolved: true },
  },
  {
    id: 'talk-03',
    customerId: 'customer-03',
    sessionId: 'visit-503',
    channel: 'email',
    messages: ['My order M-1063 has not arrived. Can you track it, please?'],
    feedback: { rating: 3, resolved: false, comment: 'Polite, but I still do not know where my rope is.' },
  },
  {
    id: 'talk-04',
    customerId: 'customer-04',
    sessionId: 'visit-504',
    channel: 'chat',
    messages: ['How do I wash my down jacket without ruining it?', 'And may I tumble dry it?'],
    feedback: { rating: 5, resolved: true },
  },
  {
    id: 'talk-05',
    customerId: 'customer-04',
    sessionId: 'visit-504',
    channel: 'chat',
    messages: ['One more thing: did order M-9999 arrive yet?', 'Sorry, my mistake: it is M-1071.'],
    feedback: { rating: 4, resolved: true },
  },
  {
    id: 'talk-06',
    customerId: 'customer-05',
    sessionId: 'visit-505',
    channel: 'email',
    messages: [
      'You charged my card 4000 0000 0000 1234 twice for order M-1080! My address is kim@example.com.',
    ],
    feedback: { rating: 2, resolved: false },
  },
  {
    id: 'talk-07',
    customerId: 'customer-06',
    sessionId: 'visit-506',
    channel: 'chat',
    messages: [
      'Can I return my boots? I wore them on one walk. Order M-1088.',
      'OK. How should new boots fit?',
    ],
    feedback: { rating: 4, resolved: true, comment: 'Fair enough about the 15 %.' },
  },
  {
    id: 'talk-08',
    customerId: 'customer-07',
    sessionId: 'visit-507',
    channel: 'email',
    messages: [
      'I want a refund for M-1015.',
      'The tent, please; a pole is broken, and yes, it has been used.',
    ],
    feedback: { rating: 3, resolved: true },
  },
  {
    id: 'talk-09',
    customerId: 'customer-08',
    sessionId: 'visit-508',
    channel: 'chat',
    messages: ['Can my gas stove travel on a plane?', 'Thanks!'],
    feedback: { resolved: true },
  },
  {
    id: 'talk-10',
    customerId: 'customer-09',
    sessionId: 'visit-509',
    channel: 'chat',
    messages: ['Do you sell kayaks?'],
    feedback: { rating: 1, resolved: false, comment: 'Could you not just say no?' },
  },
];
