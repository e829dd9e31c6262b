"""What is owed: pending NBLs, pools, and the log of each NBL."""
