"""From the user's data to checked columns."""
