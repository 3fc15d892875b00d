"""What several tests are made of: laws, what Hypothesis draws from, fixtures, ways to run the command."""
