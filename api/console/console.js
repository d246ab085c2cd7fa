// The console reads the same GraphQL API as any app, with the key of whoever looks; it shows what that key may
// see. Values are put in as text, never as markup. The key lives in this tab and goes when it is closed.

const element = (id) => document.getElementById(id)
const notice = element('notice')

element('key').value = sessionStorage.getItem('key') ?? ''
element('door').addEventListener('submit', (event) => {
  event.preventDefault()
  sessionStorage.setItem('key', element('key').value.trim())
  void attempt(showOverview)
})
element('search').addEventListener('submit', (event) => {
  event.preventDefault()
  void attempt(showProfile)
})
if (element('key').value !== '') void attempt(showOverview)

async function attempt(work) {
  notice.className = ''
  notice.textContent = 'Reading…'
  try {
    notice.textContent = (await work()) ?? ''
  } catch (thrown) {
    notice.className = 'failed'
    notice.textContent = thrown.message
  }
}

async function ask(query, variables = {}) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${sessionStorage.getItem('key') ?? ''}`,
    },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  const [failure] = errors ?? []
  if (failure) throw new Error(`${failure.message} ${failure.extensions?.remedy ?? ''}`)
  return data
}

async function showOverview() {
  const { agents, policyVersions, summary, pending } = await ask(`{
    agents { id purpose priority description }
    policyVersions(first: 5) { edges { node { number status title } } }
    summary { profiles merged events activations { state reason count } reactions { agent count } }
    pending
  }`)
  document.querySelector('main').hidden = false
  element('overview').replaceChildren(
    table(
      'Board',
      ['What', 'Count'],
      [
        ['Profiles', summary.profiles],
        ['Profiles merged into others', summary.merged],
        ['Events', summary.events],
        ['Waiting for a step', pending],
      ],
    ),
    table(
      'Activations',
      ['State', 'Reason', 'Count'],
      summary.activations.map(({ state, reason, count }) => [state, reason ?? '', count]),
    ),
    table(
      'Agents',
      ['Agent', 'Purpose', 'Priority', 'Reactions', 'What it does'],
      agents.map(({ id, purpose, priority, description }) => [
        id,
        purpose,
        priority,
        summary.reactions.find(({ agent }) => agent === id)?.count ?? 0,
        description ?? '',
      ]),
    ),
    table(
      'Policy versions',
      ['Number', 'Status', 'Title'],
      policyVersions.edges.map(({ node }) => [node.number, node.status, node.title]),
    ),
  )
}

const profileQuery = `query ($by: IdentifierInput!) { profile(by: $by) {
  identifiers { namespace value firstSeenAt }
  traits { key value confidence revision writtenAt author { kind id } }
  redactions { key rule reason }
  consents { purpose channel decision }
  activations(first: 20) { edges { node {
    state purpose channel proposedBy { id } decision { outcome checks { name verdict reason } } } } }
  events(first: 20) { edges { node { type name occurredAt } } }
} }`

async function showProfile() {
  const by = { namespace: element('namespace').value, value: element('value').value }
  const { profile } = await ask(profileQuery, { by })
  if (!profile) {
    element('profile').replaceChildren()
    return 'Nobody whom this key may see has that identifier.'
  }
  const decided = ({ decision }) =>
    decision?.checks
      .filter(({ verdict }) => verdict !== 'PASS')
      .map(({ name, reason }) => `${name}: ${reason}`)
      .join(', ')
  element('profile').replaceChildren(
    table(
      'Identifiers',
      ['Namespace', 'Value', 'First seen'],
      profile.identifiers.map(({ namespace, value, firstSeenAt }) => [
        namespace,
        value ?? 'withheld',
        firstSeenAt,
      ]),
    ),
    table(
      'Traits',
      ['Trait', 'Value', 'Confidence', 'Revision', 'Author', 'Written'],
      profile.traits.map(({ key, value, confidence, revision, author, writtenAt }) => [
        key,
        JSON.stringify(value),
        confidence,
        revision,
        `${author.kind} ${author.id}`,
        writtenAt,
      ]),
    ),
    table(
      'Withheld from this key',
      ['What', 'Rule', 'Reason'],
      profile.redactions.map(({ key, rule, reason }) => [key, rule, reason]),
    ),
    table(
      'Consents',
      ['Purpose', 'Channel', 'Decision'],
      profile.consents.map(({ purpose, channel, decision }) => [purpose, channel, decision]),
    ),
    table(
      'Activations',
      ['State', 'Purpose', 'Channel', 'Proposed by', 'What stood against it'],
      profile.activations.edges.map(({ node }) => [
        node.state,
        node.purpose,
        node.channel,
        node.proposedBy.id,
        decided(node) ?? '',
      ]),
    ),
    table(
      'Events',
      ['Type', 'Name', 'When'],
      profile.events.edges.map(({ node }) => [node.type, node.name, node.occurredAt]),
    ),
  )
  return ''
}

function table(title, columns, rows) {
  const made = document.createElement('table')
  made.createCaption().textContent = rows.length === 0 ? `${title}: none` : title
  if (rows.length === 0) return made
  const head = made.createTHead().insertRow()
  for (const column of columns) {
    const cell = document.createElement('th')
    cell.scope = 'col'
    cell.textContent = column
    head.append(cell)
  }
  const body = made.createTBody()
  for (const row of rows) {
    const line = body.insertRow()
    for (const value of row) line.insertCell().textContent = String(value)
  }
  return made
}
