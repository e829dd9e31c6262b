"""What outlives the window: sessions, recovery copies, drafts and notes."""
