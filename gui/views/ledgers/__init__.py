"""The view of who has which NBL."""
