// Asks a gateway as an app with Apollo Client does, by the ids of a release, and tells what went over the line.
// ask.js <url> <manifest> <document> <variables> <client name> <client version>
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import {
  createPersistedQueryManifestVerificationLink,
  generatePersistedQueryIdsAtRuntime,
  generatePersistedQueryIdsFromManifest,
} from '@apollo/persisted-query-lists';

const [url, manifest, text, variables, name, version] = process.argv.slice(2);
const loadManifest = () => JSON.parse(readFileSync(manifest, 'utf8'));
const sha256 = (document) => createHash('sha256').update(document).digest('hex');
const failures = [];
const verify = createPersistedQueryManifestVerificationLink({
  loadManifest,
  onVerificationFailed: ({ reason }) => failures.push(reason),
});

async function ask(ids, useGETForHashedQueries) {
  const sent = [];
  const http = new HttpLink({
    uri: url,
    fetch: async (address, options) => {
      const at = new URL(address);
      const said = options.method === 'GET' ? Object.fromEntries(at.searchParams) : JSON.parse(options.body);
      const answer = await fetch(address, options);
      sent.push({ method: options.method, said: Object.keys(said).sort(), app: options.headers['apollographql-client-name'], status: answer.status });
      return answer;
    },
  });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    clientAwareness: { name, version },
    link: ApolloLink.from([verify, new PersistedQueryLink({ ...ids, useGETForHashedQueries }), http]),
  });
  try {
    const { data } = await client.query({ query: gql(text), variables: JSON.parse(variables) });
    return { sent, data };
  } catch (error) {
    return { sent, codes: (error.errors ?? []).map(({ extensions }) => extensions.code) };
  }
}

const told = {
  fromManifestByPost: await ask(generatePersistedQueryIdsFromManifest({ loadManifest }), false),
  fromManifestByGet: await ask(generatePersistedQueryIdsFromManifest({ loadManifest }), true),
  atRuntime: await ask(generatePersistedQueryIdsAtRuntime({ sha256 }), false),
  failures,
};
process.stdout.write(JSON.stringify(told));
