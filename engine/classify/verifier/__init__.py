"""Rules of the misuse catalogue that need more than one look, a file for each kind.

Source: callouts-nbl-injection 7.
"""
