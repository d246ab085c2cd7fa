import { track, type Scenario } from '../scenario.ts'

const purpose = 'marketing.promotion'
const channel = 'webhook'

/** An open complaint keeps marketing from one customer, and from nobody else; service goes on. */
export const complaint: Scenario = {
  title: 'A complaint: five agents around a customer, and what waits while it is open',
  plugins: ['plugins/support-shield', 'api/example/complaint'],
  subjects: ['ada', 'bob'],
  cast: ['insight', 'watch', 'answer', 'promote', 'offer'],
  steps: [
    {
      title: 'Ada and Bob agree to offers, and look at a product.',
      grants: ['ada', 'bob'].map((userId) => ({ userId, purpose, channel })),
      calls: [track('ada', 'Product Viewed'), track('bob', 'Product Viewed')],
    },
    {
      title: 'Ada asks for a quote. Such an offer waits for somebody to approve it.',
      calls: [track('ada', 'Quote Requested')],
    },
    {
      title: 'Ada complains: what promote had begun for her is dropped.',
      calls: [track('ada', 'Complaint Opened', { complaintId: 'c1' })],
    },
    {
      title: 'Both put the product on their list. Bob is written to.',
      calls: [track('ada', 'Wishlist Added'), track('bob', 'Wishlist Added')],
    },
    {
      title: 'The quote is approved, and stays where it is.',
      approves: true,
    },
    {
      title: 'Ada looks again, which is all that promote was waiting for. That is held as well.',
      calls: [track('ada', 'Product Viewed')],
    },
    {
      title: 'The complaint is solved: what was held leaves.',
      calls: [track('ada', 'Complaint Closed', { complaintId: 'c1' })],
    },
  ],
}
