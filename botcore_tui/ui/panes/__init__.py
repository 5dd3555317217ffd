"""One widget a file; each paints one part of a snapshot."""
