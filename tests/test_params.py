"""params: valid files load, and everything wrong with a file is said at once."""

from pathlib import Path

import pytest
import yaml

from webpairs import params
from webpairs.errors import WebpairsError

REPOSITORY = Path(__file__).parent.parent


def written(tmp_path: Path, **changes: object) -> Path:
    """A copy of the repository's params with `section__key=value` changes."""
    values = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    for name, value in changes.items():
        section, _, key = name.partition("__")
        values[section][key] = value
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def test_the_repositorys_params_are_valid() -> None:
    loaded = params.load(REPOSITORY / "params.yaml")
    assert loaded.extract.characters_before == 2000
    assert loaded.extract.characters_after == 2500


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, score__bach=3, select__min_clip=1.5, label__seed="one")
    with pytest.raises(WebpairsError) as raised:
        params.load(path)
    message = str(raised.value)
    assert message.splitlines()[0].endswith("params.yaml is not valid:")
    assert "score.bach: Extra inputs are not permitted" in message
    assert "select.min_clip: Input should be less than or equal to 1 (it is 1.5)" in message
    assert "label.seed: Input should be a valid integer (it is 'one')" in message


@pytest.mark.parametrize("base", ["data.commoncrawl.org", "https://", "s3:///x", "file:///crawls", "https://a b/"])
def test_the_base_of_common_crawl_is_a_url(tmp_path: Path, base: str) -> None:
    crawl = params.load(REPOSITORY / "params.yaml").archive.commoncrawl.model_dump()
    with pytest.raises(WebpairsError, match=r"archive\.commoncrawl\.base"):
        params.load(written(tmp_path, archive__commoncrawl=crawl | {"base": base}))


def test_a_missing_section_is_named(tmp_path: Path) -> None:
    values = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    del values["describe"]
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(values))
    with pytest.raises(WebpairsError, match="describe: Field required"):
        params.load(path)


@pytest.mark.parametrize("content", [b"a: [1", b"\xff\xfe\x00", b"", b"- 1"])
def test_what_is_no_yaml_mapping_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    with pytest.raises(WebpairsError, match=r"params\.yaml"):
        params.load(path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WebpairsError, match="repository's root"):
        params.load(tmp_path / "params.yaml")


def test_params_can_not_be_changed_after_loading() -> None:
    loaded = params.load(REPOSITORY / "params.yaml")
    with pytest.raises(ValueError, match="frozen"):
        loaded.select.top_n = 1
