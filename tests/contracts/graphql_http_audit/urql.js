// Asks and follows as an app with urql would, subscriptions over fetch, and prints what it heard as JSON.
import { Client, fetchExchange } from '@urql/core';

const client = new Client({ url: process.argv[2], exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false });
const QUIET = 400;

// urql tells the last answer once more when the stream ends: what is said again is left out.
function heard(query, variables) {
  const follows = query.startsWith('subscription');
  const operation = follows ? client.subscription(query, variables) : client.query(query, variables);
  return new Promise((done) => {
    const answers = [];
    let quiet;
    const { unsubscribe } = operation.subscribe(({ data, error }) => {
      const answer = JSON.stringify({ data, codes: error?.graphQLErrors.map((one) => one.extensions.code), lost: error?.networkError?.message });
      if (answers.at(-1) !== answer) answers.push(answer);
      clearTimeout(quiet);
      quiet = setTimeout(() => (unsubscribe(), done(answers.map((one) => JSON.parse(one)))), QUIET);
    });
  });
}

const all = [];
for (const { query, variables } of JSON.parse(process.argv[3])) all.push(await heard(query, variables ?? {}));
process.stdout.write(JSON.stringify(all));
