"""Rules of masking: what is found, what is left alone, and how it looks afterwards."""
