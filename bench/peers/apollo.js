// Apollo Server behind plain node:http, as its integrations do it.
import { createServer } from 'node:http'
import { ApolloServer, HeaderMap } from '@apollo/server'
import { audiences, schemas } from './house.js'

const doors = {}
for (const audience of audiences) {
  const server = new ApolloServer({ schema: schemas[audience], csrfPrevention: true, introspection: false })
  await server.start()
  doors[`/graphql/${audience}`] = server
}

async function bodyOf(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return JSON.parse(Buffer.concat(parts).toString())
}

createServer(async (request, response) => {
  const server = doors[request.url]
  if (!server) return response.end('ready')
  const headers = new HeaderMap()
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value))
  const { status, headers: answered, body } = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: request.method, headers, search: '', body: await bodyOf(request) },
    context: async () => ({ authorization: request.headers.authorization }),
  })
  for (const [name, value] of answered) response.setHeader(name, value)
  response.statusCode = status ?? 200
  response.end(body.string)
}).listen(Number(process.env.PORT), '127.0.0.1')
