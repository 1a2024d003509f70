// Writes the manifests that Apollo's generator makes of the documents in files of {name: document}, in their order.
import { fromGraphQLCodegenPersistedDocuments, generatePersistedQueryManifest } from '@apollo/generate-persisted-query-manifest';

const manifests = [];
for (const file of process.argv.slice(2)) {
  manifests.push(await generatePersistedQueryManifest({ documents: fromGraphQLCodegenPersistedDocuments(file) }));
}
process.stdout.write(JSON.stringify(manifests));
