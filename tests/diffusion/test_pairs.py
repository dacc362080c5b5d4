"""Reading the training pairs."""

import shutil

import pytest
from webdataset import tariterators

from tests.diffusion.tiny import drawing, write_pairs
from webpairs.diffusion.pairs import count_images, read_pairs, train_tars
from webpairs.errors import WebpairsError
from webpairs.shards import TarWriter


def test_pairs_come_as_webdataset_would_give_them(tmp_path):
    write_pairs(tmp_path, [(drawing((8, 8), "red"), "red, ünïcode"), (drawing((9, 9), "blue"), "blue")])
    read = [(pair.key, pair.image, pair.text) for pair in read_pairs(train_tars(tmp_path))]
    with (tmp_path / "train-00000.tar").open("rb") as tar:
        members = ({**member, "__url__": ""} for member in tariterators.tar_file_iterator(tar))
        samples = list(tariterators.group_by_keys(members))
    assert read == [(sample["__key__"], sample["png"], sample["txt"].decode()) for sample in samples]
    assert count_images(tmp_path / "train-00000.tar") == 2


def test_the_holdout_is_never_read(tmp_path):
    write_pairs(tmp_path, [(drawing((8, 8), "red"), "red")])
    shutil.copy(tmp_path / "train-00000.tar", tmp_path / "holdout-00000.tar")
    assert [path.name for path in train_tars(tmp_path)] == ["train-00000.tar"]


def test_no_tar_and_an_empty_one_are_told_apart(tmp_path):
    with pytest.raises(WebpairsError, match="dvc repro select"):
        train_tars(tmp_path)
    with TarWriter(tmp_path / "train-00000.tar"):
        pass
    with pytest.raises(WebpairsError, match="not one pair"):
        train_tars(tmp_path)
