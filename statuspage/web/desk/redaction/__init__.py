"""The pages on which personal data is taken out."""
