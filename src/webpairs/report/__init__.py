"""The report: one HTML page that holds all it shows, made from metrics and samples of the data."""
