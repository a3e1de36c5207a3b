"""The page beside a scale: a weighbridge's indicator on Web Serial, and the agent to take along."""
