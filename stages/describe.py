"""describe: candidates and span model → the best span of every candidate."""

import shutil
from pathlib import Path

import polars as pl

from webpairs import span, stage
from webpairs.metrics import Stopwatch, write_metrics
from webpairs.params import Params
from webpairs.records import DESCRIPTIONS
from webpairs.shards import code_digest, finished, fingerprint, output_folder, read_parquet, sha256, write_parquet
