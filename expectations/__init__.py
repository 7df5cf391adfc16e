"""Great Expectations suites, our own checks, findings, and the run report."""
