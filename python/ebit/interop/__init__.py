"""Bridges to other packages; each imports its package only when it is used."""
