"""Master lists of signing authorities: read when whole, and refused when anything in them was changed."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from bot.certificates.trust import (
    TrustError,
    UnreadableFile,
)
from bot.certificates.trust_files import gather, needs_scheme, read_keys
from bot.certificates.trust_lists.origin import Origin
from tests.specimens.make_keys import (
    EC,
    RSA,
    authority,
    master_list,
)

HERE = Origin("here")


@pytest.mark.parametrize("key", [EC, RSA])
def test_a_master_list_gives_the_authorities_of_all_countries(key: Any, tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP384R1())
    first, second, broken = authority(key), authority(other, "UK", 2), b"\x30\x03\x02\x01\x01"
    (tmp_path / "list.ml").write_bytes(master_list(first, second, broken, key=key))
    keys, problems = gather(tmp_path / "list.ml", HERE)
    identifiers = [x509.SubjectKeyIdentifier.from_public_key(one.public_key()).digest for one in (key, other)]
    assert {(one.scheme, one.country, one.kid) for one in keys} == {
        ("vdsnc", "UT", identifiers[0]),
        ("vdsnc", "GB", identifiers[1]),
    }
    assert len(problems) == 1
    assert not needs_scheme(tmp_path / "list.ml")


@pytest.mark.parametrize("change", ["digest", "signature", "signer"])
def test_a_master_list_that_was_tampered_with_gives_no_key(change: str) -> None:
    with pytest.raises(UnreadableFile):
        list(read_keys(master_list(authority(), change=change), "list.ml", HERE))


def test_a_master_list_cut_or_bent_anywhere_raises_nothing_else() -> None:
    whole = master_list(authority())
    for at in range(0, len(whole), 7):
        for bent in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]):
            with contextlib.suppress(TrustError):
                list(read_keys(bent, "list.ml", HERE))
