"""Lists and fetches the objects of an S3 store, through fsspec.

Region, endpoint and credentials come from where every AWS tool takes them: AWS_DEFAULT_REGION, AWS_ENDPOINT_URL,
AWS_ACCESS_KEY_ID or AWS_PROFILE, and so on. Where there are no credentials, the store is asked without.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import aiohttp
import botocore.session
import fsspec
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from webpairs.archive import sniff
from webpairs.archive.kept import Failed, Kept, Missing, Version

# What is asked for at once; a process that is killed loses no more of what has arrived.
PIECE = 8 << 20


def fetch(url: str, kept: Kept, name: str, max_bytes: int) -> None:
    """Makes `kept` whole, in one attempt: nothing is read of an object that hasn't changed, and of one that broke off
    only the rest. Raises Failed; what has arrived until then stays, unless it is of no use.
    """
    with _failures():
        files = _files()
        # All pieces are read on condition that the object is still the one that `details` are about.
        with files.open(_key(url), "rb", block_size=PIECE, cache_type="none") as opened:
            details = opened.details
            version = Version(details.get("ETag"), str(details.get("LastModified")), details["size"])
            if kept.whole and version.same(kept.version):
                return
            kept.check_size(version.size, max_bytes)
            if kept.whole or not kept.length or not version.same(kept.version):
                kept.begin(version)
            opened.seek(kept.length)
            kept.append(iter(lambda: opened.read(PIECE), b""), name, max_bytes)
    kept.finish()


def expand(url: str) -> list[str]:
    """The objects that the URL stands for, sorted: itself, those below it that are named like archives, or those that
    match where it is a pattern. Raises Failed where there are none.
    """
    with _failures():
        files, key = _files(), _key(url)
        try:
            if files.info(key)["type"] == "file":
                return [url]
        except FileNotFoundError:
            matches = files.glob(key, detail=True) if any(sign in key for sign in "*?[") else {}
            found = [name for name, details in matches.items() if details["type"] == "file"]
        else:
            found = [name for name in files.find(key) if sniff.named_like_archive(Path(name))]
    if not found:
        raise Missing("there is no object of this name, and no archive below it")
    return [f"s3://{name}" for name in sorted(found)]


def _files() -> Any:
    """The store as it is now: s3fs remembers its listings."""
    files = _client()
    files.invalidate_cache()
    return files


@lru_cache(maxsize=1)
def _client() -> Any:
    anonymous = botocore.session.Session().get_credentials() is None
    # Whoever calls tries again, by one rule for all kinds of URL; s3fs and botocore would each do so beneath it.
    files = fsspec.filesystem("s3", anon=anonymous, config_kwargs={"retries": {"total_max_attempts": 1}})
    files.retries = 1
    return files


def _key(url: str) -> str:
    """Bucket and key, without the scheme."""
    key = url.partition("://")[2]
    if not key.partition("/")[0]:
        raise Failed("it names no bucket", final=True)
    return key


@contextmanager
def _failures() -> Iterator[None]:
    """What s3fs and the libraries beneath it raise becomes Failed."""
    try:
        yield
    except FileNotFoundError:
        raise Missing("there is no object of this name") from None
    except PermissionError:
        raise Failed("access denied: set or correct the credentials in the environment", final=True) from None
    except ParamValidationError as error:
        raise Failed(str(error), final=True) from None
    except OSError as error:
        raise Failed(error.strerror or str(error), final=False, busy=error.errno == errno.EBUSY) from None
    except (BotoCoreError, ClientError, aiohttp.ClientError) as error:
        raise Failed(str(error) or type(error).__name__, final=False) from None
