"""The policy tree and the filter form."""
