"""The pages in a real browser, as customers and agents use them."""
