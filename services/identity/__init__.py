"""Identity: people, how they sign in, the devices they carry and the roles they hold."""
