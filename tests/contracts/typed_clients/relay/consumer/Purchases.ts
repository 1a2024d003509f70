// A list that grows as one scrolls, and an order of it that the screen reads by a fragment of its own.
import { graphql } from 'relay-runtime';

graphql`
  query PurchasesQuery {
    ...Purchases_list
  }
`;

graphql`
  fragment Purchases_list on Query
  @refetchable(queryName: "PurchasesPaginationQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    purchases(first: $first, after: $after) @connection(key: "Purchases_purchases") {
      edges {
        node {
          id
          ...Purchases_row
        }
      }
    }
  }
`;

graphql`
  fragment Purchases_row on Purchase {
    number
    stage
    createdAt
    total {
      amount
      currency
    }
  }
`;

graphql`
  subscription PurchasesUpdatedSubscription($purchaseId: ID!, $afterSequence: Int!) {
    purchaseUpdated(purchaseId: $purchaseId, afterSequence: $afterSequence) {
      sequence
      purchase {
        ...Purchases_row
      }
    }
  }
`;

graphql`
  mutation PurchasesCancelMutation($input: CancelPurchaseOrderInput!) {
    cancelPurchaseOrder(input: $input) {
      __typename
      ... on CancelPurchaseOrderSuccess {
        purchase {
          ...Purchases_row
        }
      }
      ... on Problem {
        message
      }
    }
  }
`;
