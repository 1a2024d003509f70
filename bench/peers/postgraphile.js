// PostGraphile over our tables: it has its own schema and SQL, so it is sent documents of its own for the same trees.
import { createServer } from 'node:http'
import { grafserv } from 'postgraphile/grafserv/node'
import { makePgService } from 'postgraphile/adaptors/pg'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { postgraphile } from 'postgraphile'

const service = postgraphile({
  extends: [PostGraphileAmberPreset],
  disablePlugins: ['NodePlugin', 'PgIndexBehaviorsPlugin'],
  pgServices: [makePgService({ connectionString: process.env.DATABASE_URL, schemas: ['public'] })],
  grafserv: { graphqlPath: '/graphql/postgraphile', graphiql: false, watch: false, maxRequestLength: 1_000_000 },
  grafast: { explain: false },
})
const server = createServer()
const door = service.createServ(grafserv)
await door.addTo(server)
const answered = server.listeners('request').at(-1)
server.removeAllListeners('request')
server.on('request', (request, response) => (request.url === '/readyz' ? response.end('ready') : answered(request, response)))
server.listen(Number(process.env.PORT), '127.0.0.1')
