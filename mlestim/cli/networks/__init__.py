"""The commands that train networks and use them."""
