import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.contracts.problems import Invalid
from bowerbird.edge.http import etags


def test_a_tag_changes_with_the_body_and_carries_the_version() -> None:
    assert etags.tag_of(b"one", None) != etags.tag_of(b"two", None)
    assert etags.tag_of(b"one", 7).startswith(b'"v7-')
    assert etags.version_in(etags.tag_of(b"one", 7)) == 7


@pytest.mark.parametrize("header", [b'"a"', b'W/"a"', b'"b", "a"', b'"b",W/"a"', b"*"])
def test_what_a_reader_has_is_compared_weakly(header: bytes) -> None:
    assert etags.is_known(b'"a"', header)


@pytest.mark.parametrize("header", [None, b"", b'"b"', b"a", b'W/"b", "aa"'])
def test_another_tag_is_another(header: bytes | None) -> None:
    assert not etags.is_known(b'"a"', header)


@pytest.mark.parametrize(("header", "version"), [(b'"v7"', 7), (b'W/"v12-abc"', 12), (b"*", None), (None, None)])
def test_an_editor_names_the_version(header: bytes | None, version: int | None) -> None:
    assert etags.version_in(header) == version


@pytest.mark.parametrize("header", [b"", b"7", b'"7"', b'"v0"', b'"v7', b'"v7", "v8"', b'"v99999999999"', b'"v7"\n'])
def test_anything_else_is_refused(header: bytes) -> None:
    with pytest.raises(Invalid) as told:
        etags.version_in(header)
    assert told.value.field == "If-Match"


@given(st.binary(max_size=60).filter(lambda header: b"v" not in header and header != b"*"))
def test_no_bytes_break_the_readers(header: bytes) -> None:
    etags.is_known(b'"a"', header)
    with pytest.raises(Invalid):
        etags.version_in(header)
