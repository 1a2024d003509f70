"""The ground floor: identifiers, money, time, events and transactions, without a business word."""
