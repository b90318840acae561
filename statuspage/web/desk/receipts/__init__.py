"""The receipts of each message of a notice."""
