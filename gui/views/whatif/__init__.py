"""What if: the frames whose fate differs under the edited policy."""
