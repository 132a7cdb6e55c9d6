"""Models in replicas of Ray Serve: the agent that brings them there, and what answers for them."""
