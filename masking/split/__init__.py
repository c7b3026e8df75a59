"""Values split over several messages of one sender: what a line offers, and what makes a value."""
