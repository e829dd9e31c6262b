"""What is beneath Ethernet: link types, the media they stand for, and their frames as NDIS would show them."""
