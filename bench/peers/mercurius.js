// mercurius with its JIT.
import Fastify from 'fastify'
import mercurius from 'mercurius'
import { audiences, schemas } from './house.js'

const app = Fastify({ bodyLimit: 1 << 20 })
for (const audience of audiences) {
  await app.register(async (door) => {
    await door.register(mercurius, {
      schema: schemas[audience],
      path: `/graphql/${audience}`,
      jit: 1,
      cache: 1024,
      context: (request) => ({ authorization: request.headers.authorization }),
    })
  })
}
app.get('/readyz', async () => 'ready')
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
