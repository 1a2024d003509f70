import { graphql } from 'react-relay';

export const query = graphql`
  query StoresScreenQuery($input: StoresNearInput!) {
    storesNear(input: $input) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`;
