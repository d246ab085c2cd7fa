import { expect, test } from 'vitest'
import { complaint } from '../../../api/example/complaint/scenario.ts'
import { playExample } from '../../support/playExample.ts'

const transcript = `
A complaint: five agents around a customer, and what waits while it is open

1. Ada and Bob agree to offers, and look at a product.
   ada      insight    interest = 1
   ada      agenda     promote waits
   bob      insight    interest = 1
   bob      agenda     promote waits

2. Ada asks for a quote. Such an offer waits for somebody to approve it.
   ada      offer      proposes a message
   ada      gate       hold: marketing.promotion by webhook (risk_needs_approval)
   ada      agenda     promote waits
   bob      agenda     promote waits

3. Ada complains: what promote had begun for her is dropped.
   ada      watch      open_complaints = { open: [c1], count: 1, closed: [] }
   ada      watch      sets a hold
   ada      answer     proposes a message
   ada      gate       allow: service by webhook
   ada      gate       hold: marketing.promotion by webhook (a complaint is open)
   ada      dispatch   sent: service by webhook
   bob      agenda     promote waits

4. Both put the product on their list. Bob is written to.
   ada      agenda     promote waits
   bob      promote    campaign = sent
   bob      promote    proposes a message
   bob      gate       allow: marketing.promotion by webhook
   bob      dispatch   sent: marketing.promotion by webhook

5. The quote is approved, and stays where it is.
   ada      person     approves it
   ada      gate       hold: marketing.promotion by webhook (a complaint is open)
   ada      agenda     promote waits

6. Ada looks again, which is all that promote was waiting for. That is held as well.
   ada      insight    interest = 2
   ada      promote    campaign = sent
   ada      promote    proposes a message
   ada      gate       hold: marketing.promotion by webhook (a complaint is open)

7. The complaint is solved: what was held leaves.
   ada      watch      open_complaints = { open: [], count: 0, closed: [c1] }
   ada      watch      lifts its hold
   ada      answer     proposes a message
   ada      gate       allow: marketing.promotion by webhook
   ada      gate       allow: marketing.promotion by webhook
   ada      gate       allow: service by webhook
   ada      dispatch   sent: marketing.promotion by webhook
   ada      dispatch   sent: marketing.promotion by webhook
   ada      dispatch   sent: service by webhook
`

test(
  'a complaint keeps marketing from one customer alone until it is solved, and service goes on',
  { timeout: 90_000 },
  async () => {
    const lines = await playExample(complaint)
    expect(lines).toEqual(transcript.trim().split('\n'))
  },
)
