// graphql-ws over ws: the store door's own schema, and each event given to it ready-made, by POST /tick {"<store>": [...]}.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const schema = buildSchema(readFileSync(process.env.BENCH_SCHEMA, 'utf8'));
const topics = new Map();

function topic(name) {
  let found = topics.get(name);
  if (!found) topics.set(name, (found = { newest: [], listeners: new Set() }));
  return found;
}

async function* follow(name) {
  const followed = topic(name);
  const waiting = [{ storeOrderQueueChanged: followed.newest }];
  let wake;
  const listener = (event) => {
    waiting.push(event);
    wake?.();
  };
  followed.listeners.add(listener);
  try {
    for (;;) {
      while (waiting.length) yield waiting.shift();
      await new Promise((resolve) => (wake = resolve));
    }
  } finally {
    followed.listeners.delete(listener);
  }
}

schema.getSubscriptionType().getFields().storeOrderQueueChanged.subscribe = (_root, _args, context) => follow(context.store);

const server = createServer((request, response) => {
  if (request.url === '/readyz') return response.end('ready');
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    for (const [name, queue] of Object.entries(JSON.parse(body))) {
      const followed = topic(name);
      followed.newest = queue;
      const event = { storeOrderQueueChanged: queue };
      for (const listener of followed.listeners) listener(event);
    }
    response.end('told');
  });
});
const sockets = new WebSocketServer({ server, path: '/graphql/store', perMessageDeflate: false });
useServer({ schema, context: (ctx) => ({ store: ctx.connectionParams.store }) }, sockets);
server.keepAliveTimeout = 600_000;
server.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 });
