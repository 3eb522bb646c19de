"""Making the network that reads passports; see train_mrz_letters.py."""
