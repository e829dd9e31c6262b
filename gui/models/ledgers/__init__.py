"""Who has which NBL: pending NBLs, pools, and the log of one NBL as rows."""
