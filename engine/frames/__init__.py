"""Where frames come from: captures and live interfaces, as one stream of frozen `Frame`s."""
