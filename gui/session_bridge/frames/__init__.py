"""Filtering, sorting, marking and exporting frames."""
