// One purchase, asked for again by its own root field: the schemas have no node(id).
import { graphql } from 'relay-runtime';

graphql`
  query PurchaseScreenQuery($id: ID!) {
    ...PurchaseScreen_purchase @arguments(id: $id)
  }
`;

graphql`
  fragment PurchaseScreen_purchase on Query
  @refetchable(queryName: "PurchaseScreenRefetchQuery")
  @argumentDefinitions(id: { type: "ID!" }) {
    purchase(id: $id) {
      id
      number
      stage
    }
  }
`;
