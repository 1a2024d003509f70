// What every peer serves: our printed schema, the statements that our gateway sends for the same work, and ready objects.
//
// A peer pays for HTTP, parsing and validation (kept), execution, serialisation and the very same SQL; it is given the objects
// instead of making them out of rows, and it neither signs anybody in nor limits, logs or counts. So it is faster here than in life.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import pg from 'pg'

const recorded = JSON.parse(readFileSync(process.env.BENCH_RECORDED, 'utf8'))
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, options: '-c role=pannier_app -c jit=off' })

// Values that change with every request are recorded by their meaning.
const MEANINGS = {
  actor: (_, { actor }) => actor,
  item: (_, { item }) => item,
  store: (_, { store }) => store,
  new_id: () => randomUUID(),
  now: ({ seconds }) => new Date(Date.now() + seconds * 1000),
}

function valueOf(value, request) {
  if (Array.isArray(value)) return value.map((one) => valueOf(one, request))
  return value !== null && typeof value === 'object' && 'meaning' in value ? MEANINGS[value.meaning](value, request) : value
}

async function send(statements, request) {
  const several = statements.length > 1 && statements[0].text.startsWith('BEGIN')
  const client = several ? await pool.connect() : pool
  try {
    for (const { name, text, values } of statements) {
      const given = values.map((value) => valueOf(value, request))
      await client.query(given.length ? { name, text, values: given } : text)
    }
  } catch (error) {
    if (several) await client.query('ROLLBACK')
    throw error
  } finally {
    if (several) client.release()
  }
}

// The person is read from the token without looking at its signature: cheaper than any real sign-in.
function requestOf(authorization, input) {
  const claims = authorization ? JSON.parse(Buffer.from(authorization.split('.')[1], 'base64url').toString()) : {}
  const item = input?.itemId && uuidOf(input.itemId)
  return { actor: claims.sub, item, store: item && recorded.store_of_item[item] }
}

function uuidOf(id) {
  const hex = Buffer.from(id, 'base64url').subarray(-16).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function rootsOf(audience, operation) {
  const roots = {}
  for (const work of recorded.works.filter((one) => one.audience === audience)) {
    for (const [name, tree] of Object.entries(work.answer.data)) {
      if (!operation.test(work.query)) continue
      const statements = (process.env.BENCH_PLAIN_WRITES && work.plain) || work.statements
      roots[name] = async (_root, { input }, context) => {
        await send(statements, requestOf(context.authorization, input))
        return tree
      }
    }
  }
  return roots
}

export const audiences = ['consumer', 'courier']
export const schemas = Object.fromEntries(
  audiences.map((audience) => [
    audience,
    makeExecutableSchema({
      typeDefs: recorded.schemas[audience],
      resolvers: { Query: rootsOf(audience, /^\s*query/), Mutation: rootsOf(audience, /^\s*mutation/) },
      resolverValidationOptions: { requireResolversForResolveType: 'ignore' },
    }),
  ]),
)
