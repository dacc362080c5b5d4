"""The benchmark that `make bench` runs: webpairs' extract beside other ways to read the same pages.

It times nothing in the test suite: what is fast here is a statement about one machine, written to bench/results.json
and to the README. `speed` compares CPU time, `memory` the peak of one worker, `scaling` two workers against one.

The process that runs it imports the standard library alone, so that what it measures in child processes is theirs.
"""
