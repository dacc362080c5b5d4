"""The WAT that cc2dataset reads."""

import json
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType

from bench import wat


def test_a_page_is_a_metadata_record_with_its_links_in_order(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "pages.wat.gz"
    assert wat.write(target, [archive]) == {"pages": 2, "images": 3}
    with target.open("rb") as stream:
        kinds = [record.record_type for record in ArchiveIterator(stream, parse_http=False)]
    assert kinds == [WarcRecordType.warcinfo, WarcRecordType.metadata, WarcRecordType.metadata]
    with target.open("rb") as stream:
        records = ArchiveIterator(stream, record_types=WarcRecordType.metadata, parse_http=False)
        first, second = [json.loads(record.reader.read()) for record in records]
    assert first["Container"]["Filename"] == "small.warc.gz"
    assert first["Envelope"]["WARC-Header-Metadata"]["WARC-Target-URI"] == "http://a.example/1"
    html = first["Envelope"]["Payload-Metadata"]["HTTP-Response-Metadata"]["HTML-Metadata"]
    assert html == {
        "Head": {"Title": "The harbour", "Base": "/pictures/"},
        "Links": [
            {"path": "A@/href", "url": "/more", "text": "More boats"},
            {"path": "IMG@/src", "url": "boat.jpg", "alt": "A red boat"},
            {"path": "IMG@/src", "url": "data:image/gif;base64,R0lGODlh"},
        ],
    }
    assert second["Envelope"]["Payload-Metadata"]["HTTP-Response-Metadata"]["HTML-Metadata"] == {
        "Links": [{"path": "IMG@/src", "url": "/rye.jpg", "alt": "Rye"}]
    }


def test_what_stands_in_the_head() -> None:
    html = "<meta name=robots content=noindex><link rel=icon href=/i.png><script src=s.js></script><script>1</script>"
    assert wat.html_metadata(html) == {
        "Head": {
            "Metas": [{"name": "robots", "content": "noindex"}],
            "Link": [{"path": "LINK@/href", "url": "/i.png", "rel": "icon"}],
            "Scripts": [{"path": "SCRIPT@/src", "url": "s.js"}],
        }
    }
