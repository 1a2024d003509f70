"""How documents come in and answers go out: GraphQL over HTTP, and graphql-transport-ws over WebSockets."""
