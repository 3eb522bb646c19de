"""What was sent: opening pictures and finding codes in them."""
