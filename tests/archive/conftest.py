"""A server of remote files, for the tests that ask one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs

from tests.archive.remote import Server, Site, running
from webpairs.archive import download, store


@pytest.fixture(scope="session")
def _server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def site(_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """What the server has, also as an S3 store; asked from a folder of its own, with pauses too short to be noticed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(download, "PAUSE", 0.001)
    monkeypatch.setattr(download, "BUSY_PAUSE", 0.001)
    served = _server.serve(Site())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", served.base)
    return served


@pytest.fixture
def new_client() -> Iterator[None]:
    """For tests with an environment of their own, which is read when a client is made."""
    forget_client()
    yield
    forget_client()


def forget_client() -> None:
    store._client.cache_clear()
    s3fs.S3FileSystem.clear_instance_cache()
