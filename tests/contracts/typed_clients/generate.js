// Writes TypeScript's types of every audience's documents, and its recorded examples as values of these types:
// node generate.js <mobile_contracts> <folder to write to>
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import { Kind, parse } from 'graphql';

const [contracts, target] = process.argv.slice(2);
const config = {
  strictScalars: true,
  scalars: { DateTime: 'string', Decimal: 'string' },
  enumType: 'string-literal',
  // Examples are recorded as Apollo's clients ask: with the type's name in every object but the root.
  nonOptionalTypename: true,
  skipTypeNameForRoot: true,
};

function valuesOf(audience, documents) {
  const names = documents.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const folder = join(contracts, audience, 'examples');
  const lines = [`import type * as types from './${audience}';`];
  const shown = (answer) => JSON.stringify(answer.data);
  for (const file of readdirSync(folder).sort()) {
    const name = file.replace('.json', '');
    const kind = names.find((node) => node.name.value === name).operation;
    const type = `types.${name}${kind[0].toUpperCase()}${kind.slice(1)}`;
    const example = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const told = [example, ...Object.values(example.problems ?? {})].filter((one) => one.variables);
    for (const one of told) {
      lines.push(`(${JSON.stringify(one.variables)}) satisfies ${type}Variables;`);
      for (const answer of one.events ?? [one.answer]) lines.push(`(${shown(answer)}) satisfies ${type};`);
    }
  }
  return lines.join('\n');
}

mkdirSync(target, { recursive: true });
for (const audience of ['consumer', 'store', 'courier', 'support']) {
  const read = (name) => parse(readFileSync(join(contracts, audience, name), 'utf8'));
  const documents = read('documents.graphql');
  const filename = join(target, `${audience}.ts`);
  const text = await codegen({
    filename,
    schema: read('schema.graphql'),
    documents: [{ location: 'documents.graphql', document: documents }],
    plugins: [{ operations: {} }],
    pluginMap: { operations },
    config,
  });
  writeFileSync(filename, text);
  writeFileSync(join(target, `${audience}.examples.ts`), valuesOf(audience, documents));
}
