"""Publishing to a wiki over its Action API: a plan is made, looked at, and applied."""
