import { expect, test } from 'vitest'
import { ecommerce } from '../../../api/example/ecommerce/scenario.ts'
import { playExample } from '../../support/playExample.ts'

const transcript = `
E-commerce: seven agents keep a shop in step with its stock

1. Market research: kettles are in demand, and teapots too.
   kettle   research   demand = 0.8
   teapot   research   demand = 0.6

2. The warehouse counts 120 kettles; ten are sold a day.
   kettle   inventory  stock = { left: 120, level: fine }
   kettle   pricing    price_change = 0
   kettle   content    shop_window = featured
   kettle   ads        ad_share = 0.8
   kettle   email      mailing = planned
   kettle   email      proposes a message
   kettle   gate       allow: service by webhook
   kettle   dispatch   sent: service by webhook

3. The warehouse counts 80 teapots; five are sold a day.
   teapot   inventory  stock = { left: 80, level: fine }
   teapot   pricing    price_change = 0
   teapot   content    shop_window = beside
   teapot   ads        ad_share = 0.1

4. Kettles sell fast: 12 are left.
   kettle   inventory  stock = { left: 12, level: low }
   kettle   pricing    price_change = 5
   kettle   content    shop_window = out
   kettle   ads        ad_share = 0
   kettle   email      mailing = stopped
   kettle   email      proposes a message
   kettle   gate       allow: service by webhook
   kettle   dispatch   sent: service by webhook

5. The warehouse counts teapots again: 75.
   teapot   inventory  stock = { left: 75, level: fine }
   teapot   content    shop_window = featured
   teapot   ads        ad_share = 0.8
   teapot   email      mailing = planned
   teapot   email      proposes a message
   teapot   gate       allow: service by webhook
   teapot   dispatch   sent: service by webhook

6. The teapot is clicked 400 times and bought twice.
   teapot   monitor    conversion = 0.005
   teapot   monitor    escalation = people click and do not buy
   teapot   monitor    proposes a message
   teapot   gate       hold: service by webhook (risk_needs_approval)

7. Somebody looks at it and lets the alarm go to the team.
   teapot   person     approves it
   teapot   gate       allow: service by webhook
   teapot   dispatch   sent: service by webhook
`

test(
  'seven agents cut ads and move the window when stock runs low, and call a person when sales fall',
  { timeout: 90_000 },
  async () => {
    const lines = await playExample(ecommerce)
    expect(lines).toEqual(transcript.trim().split('\n'))
  },
)
