"""NDIS's nouns: NET_BUFFER_LIST, NET_BUFFER, MDL, NTSTATUS and their snapshots."""
