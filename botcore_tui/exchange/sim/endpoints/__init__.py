"""What each request of the venue does: one function an endpoint, and the table of them."""
