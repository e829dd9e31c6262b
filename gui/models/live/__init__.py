"""What is shown while frames run."""
