"""extract: archives → pages, and candidates: an image on a page with every text that may describe it."""

from pathlib import Path

from webpairs import metrics, shards, stage
from webpairs.errors import WebpairsError, listing
from webpairs.page.captures import leave_out_repeated
from webpairs.page.extract import Extracted, copy_parts, extract_all, job
from webpairs.page.reached import unreached
from webpairs.page.revisited import held
from webpairs.page.summary import COLUMNS, LOSSES, losses, per_archive, summary
from webpairs.params import Params
from webpairs.records import MANIFEST

ARCHIVES = Path("data/archive/manifest.parquet")


def run(params: Params) -> None:
    """Writes data/pages, data/candidates, metrics/extract.json and the tables of metrics/extract."""
    if not ARCHIVES.exists():
        raise WebpairsError(f"{ARCHIVES} is missing: run `make all`, which lists the archives first.")
    watch = metrics.Stopwatch()
    before, after = params.extract.characters_before, params.extract.characters_after
    rows = list(shards.read_parquet(ARCHIVES, MANIFEST).sort("name").iter_rows(named=True))
    missing = [row["path"] for row in rows if not Path(row["path"]).is_file()]
    if missing:
        raise listing("Archives that the manifest lists are gone; put them back, or run `make all` without:", missing)
    jobs = [job(row["name"], row["path"], row["sha256"], before, after) for row in rows]
    archives = extract_all(jobs)
    folders = shards.output_folder(Path("data/pages")), shards.output_folder(Path("data/candidates"))
    with folders[0] as pages, folders[1] as candidates:
        copy_parts(archives, pages, candidates)
        repeated = leave_out_repeated(pages, candidates)
        images, revisits = held({archive.job.name: archive.job.captures for archive in archives})
        reachable, missed = unreached(images, candidates)
        found = summary(archives, repeated, revisits, reachable, len(missed))
        if not found["pages"]:
            raise _nothing("The archives hold no HTML page that could be read", archives)
        if not found["candidates"]:
            raise _nothing(f"None of the {found['pages']} pages in the archives has an image", archives)
    metrics.write_tsv(Path("metrics/extract/per_archive.tsv"), per_archive(archives), COLUMNS)
    metrics.write_tsv(Path("metrics/extract/losses.tsv"), losses(found), LOSSES)
    metrics.write_tsv(Path("metrics/extract/unreached.tsv"), [{"url": url} for url in missed], ["url"])
    metrics.write_metrics(Path("metrics/extract.json"), found)
    new = [archive.counted for archive in archives if archive.is_new]
    speed = watch.speed(pages=sum(one["pages"] for one in new), images=sum(one["images"] for one in new))
    metrics.write_metrics(Path("metrics/speed/extract.json"), {"archives_parsed": len(new), **speed})
    print(f"extract: {found['pages']} pages, {found['candidates']} images with their texts")


def _nothing(cause: str, archives: list[Extracted]) -> WebpairsError:
    broken = [f"{one['archive']}: {one['error']}" for one in per_archive(archives) if one["error"]]
    heading = f"{cause}: name others as archive.inputs in params.yaml, or `make all INPUT=…`."
    return listing(heading + (" Broken were:" if broken else ""), broken)


if __name__ == "__main__":
    stage.main("extract", run)
