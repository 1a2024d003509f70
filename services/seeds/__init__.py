"""A real city to begin with: data with its licences, and its readers."""
