// graphql-yoga with its JIT; with BENCH_RESPONSE_CACHE=1 also with its response cache, which then sends no SQL at all.
import { createServer } from 'node:http'
import { useGraphQlJit } from '@envelop/graphql-jit'
import { useResponseCache } from '@graphql-yoga/plugin-response-cache'
import { createYoga } from 'graphql-yoga'
import { audiences, schemas } from './house.js'

const plugins = [useGraphQlJit()]
if (process.env.BENCH_RESPONSE_CACHE) {
  plugins.push(useResponseCache({ session: (request) => request.headers.get('authorization'), ttl: 600_000 }))
}
const doors = Object.fromEntries(
  audiences.map((audience) => [
    `/graphql/${audience}`,
    createYoga({
      schema: schemas[audience],
      graphqlEndpoint: `/graphql/${audience}`,
      plugins,
      logging: false,
      graphiql: false,
      context: ({ request }) => ({ authorization: request.headers.get('authorization') }),
    }),
  ]),
)
createServer((request, response) => {
  const door = doors[request.url]
  if (door) return door(request, response)
  response.end('ready')
}).listen(Number(process.env.PORT), '127.0.0.1')
