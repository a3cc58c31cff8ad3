"""Warm processes, and what runs in the children forked from them."""
