// The queue of an agent, page by page.
import { graphql } from 'relay-runtime';

graphql`
  query CaseQueueQuery {
    ...CaseQueue_list
  }
`;

graphql`
  fragment CaseQueue_list on Query
  @refetchable(queryName: "CaseQueuePaginationQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    supportCaseQueue(first: $first, after: $after) @connection(key: "CaseQueue_supportCaseQueue") {
      edges {
        node {
          id
          number
          reason
          state
          openedAt
        }
      }
    }
  }
`;
