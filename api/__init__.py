"""The edge: four doors for four audiences; nothing below it knows that HTTP or GraphQL exist."""
