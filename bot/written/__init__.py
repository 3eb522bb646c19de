"""What people write, read: names, dates, numbers, countries, places, contacts and papers."""
