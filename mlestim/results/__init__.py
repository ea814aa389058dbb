"""What a fit knows, and how it is shown and saved."""
