// Subscribes as an app would, with graphql-sse's own client, and prints what it heard as JSON.
import { createClient } from 'graphql-sse';

const client = createClient({ url: process.argv[2], retryAttempts: 0 });

async function heard(query, variables) {
  const answers = [];
  try {
    for await (const answer of client.iterate({ query, variables })) answers.push(answer);
  } catch (error) {
    answers.push({ failed: error?.response?.status ?? String(error) });
  }
  return answers;
}

const asked = JSON.parse(process.argv[3]);
const all = [];
for (const { query, variables } of asked) all.push(await heard(query, variables));
process.stdout.write(JSON.stringify(all));
client.dispose();
