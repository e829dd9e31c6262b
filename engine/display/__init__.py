"""Display filters: Wireshark's grammar over captures, layers, verdicts and findings."""
