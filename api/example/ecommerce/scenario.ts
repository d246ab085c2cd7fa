import { track, type Scenario } from '../scenario.ts'

/** Seven agents around the products of a shop: each product is a profile of its own, known by its own id. */
export const ecommerce: Scenario = {
  title: 'E-commerce: seven agents keep a shop in step with its stock',
  plugins: ['api/example/ecommerce'],
  subjects: ['kettle', 'teapot'],
  cast: ['research', 'inventory', 'pricing', 'content', 'ads', 'email', 'monitor'],
  steps: [
    {
      title: 'Market research: kettles are in demand, and teapots too.',
      calls: [
        track('kettle', 'Trend Reported', { interest: 0.8 }),
        track('teapot', 'Trend Reported', { interest: 0.6 }),
      ],
    },
    {
      title: 'The warehouse counts 120 kettles; ten are sold a day.',
      calls: [track('kettle', 'Stock Reported', { left: 120, soldPerDay: 10 })],
    },
    {
      title: 'The warehouse counts 80 teapots; five are sold a day.',
      calls: [track('teapot', 'Stock Reported', { left: 80, soldPerDay: 5 })],
    },
    {
      title: 'Kettles sell fast: 12 are left.',
      calls: [track('kettle', 'Stock Reported', { left: 12, soldPerDay: 30 })],
    },
    {
      title: 'The warehouse counts teapots again: 75.',
      calls: [track('teapot', 'Stock Reported', { left: 75, soldPerDay: 5 })],
    },
    {
      title: 'The teapot is clicked 400 times and bought twice.',
      calls: [track('teapot', 'Performance Reported', { clicks: 400, orders: 2 })],
    },
    { title: 'Somebody looks at it and lets the alarm go to the team.', approves: true },
  ],
}
