"""The sections of the report, in the order of the page: each turns a run into tables, figures and samples."""
