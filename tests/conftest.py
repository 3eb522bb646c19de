"""What every test may ask for."""

pytest_plugins = ["fixtures.postgres", "fixtures.memory", "fixtures.measuring", "fixtures.house"]
