"""The folder of trusted keys: schemes by folder, lists of our own, withdrawals, and changes while it is read."""

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from bot.certificates.public_keys import to_spki
from bot.certificates.trust import (
    TrustedKey,
    all_keys,
    find_keys,
    is_withdrawn,
    keys_of_issuer,
)
from bot.certificates.trust_files import LiveTrust, load_trust, read_keys
from bot.certificates.trust_lists import own, withdrawals
from bot.certificates.trust_lists.origin import Origin
from tests.specimens.make_keys import EC, RSA, authority, pem_of
from tests.specimens.make_specimens import make_signer


def full_key(**changed: Any) -> TrustedKey:
    """A key with everything that a list may say of it."""
    whole = TrustedKey(
        kid=b"\0\xff key",
        scheme="shc",
        country="VN",
        public_key=EC.public_key(),
        usages=frozenset({"test"}),
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_until=datetime(2027, 1, 1, tzinfo=UTC),
        withdrawn=True,
        source="made",
        specimen=True,
        issuer="https://a.example",
        listed_on=date(2026, 11, 1),
        revoked=frozenset({"AA.12"}),
    )
    return replace(whole, **changed)


def same(one: TrustedKey, other: TrustedKey) -> bool:
    """Whether two keys are alike in everything, the key itself by its bytes."""
    return to_spki(one.public_key) == to_spki(other.public_key) and replace(one, public_key=other.public_key) == other


def test_folders_named_after_a_scheme_give_it_to_bare_keys(tmp_path: Path) -> None:
    for scheme in ("vdsnc", "divoc", "israel", "elsewhere"):
        (tmp_path / scheme).mkdir()
    (tmp_path / "vdsnc" / "utopia.der").write_bytes(authority())
    (tmp_path / "divoc" / "did%3Aindia.pem").write_text(pem_of(RSA.public_key()))
    (tmp_path / "israel" / "key.der").write_bytes(to_spki(RSA.public_key()))
    (tmp_path / "elsewhere" / "key.der").write_bytes(authority())
    store = load_trust(tmp_path)
    assert not store.problems
    ski = x509.SubjectKeyIdentifier.from_public_key(EC.public_key()).digest
    assert [key.country for key in find_keys(store, "vdsnc", ski)] == ["UT"]
    assert keys_of_issuer(store, "divoc", "did:india") == find_keys(store, "divoc", b"did:india") != ()
    assert [key.country for key in all_keys(store) if key.scheme == "israel"] == ["IL"]
    assert len(all_keys(store)) == 3


@pytest.mark.parametrize("key", [full_key(), TrustedKey(b"k", "hcert", "", RSA.public_key(), source="made")])
def test_a_list_of_our_own_keeps_everything(key: TrustedKey, tmp_path: Path) -> None:
    (tmp_path / "made.json").write_bytes(own.write("made", "2026-11-01", [key]))
    (read_again,) = all_keys(load_trust(tmp_path))
    assert same(read_again, replace(key, listed_on=date(2026, 11, 1)))


def test_a_damaged_entry_of_our_own_list_hides_no_other() -> None:
    whole = json.loads(own.write("made", "", [full_key(), full_key(kid=b"two")]))
    for change in ({"kid": 5}, {"key": "AAAA"}, {"scheme": "x"}, {"from": "2026-01-01"}, {"until": 5}, {"usages": 5}):
        bent = whole | {"keys": [whole["keys"][0] | change, None, whole["keys"][1]]}
        found = read_keys(json.dumps(bent).encode(), "made.json", Origin("made"))
        assert [isinstance(one, TrustedKey) for one in found] == [False, False, True], change


def test_what_was_withdrawn_stays_so_whatever_list_brings_it(tmp_path: Path) -> None:
    signer = make_signer()
    found = withdrawals.with_key(withdrawals.empty(), signer.kid, "lost", "2026-11-01T00:00:00+00:00")
    found = withdrawals.with_certificate(found, "uvci:XX:1", "forged", "2026-11-01T00:00:00+00:00")
    assert withdrawals.with_key(found, signer.kid, "again", "") == found
    content = withdrawals.write(found)
    assert b"uvci" not in content
    (tmp_path / withdrawals.FILE).write_bytes(content)
    (tmp_path / "signer.der").write_bytes(signer.certificate)
    store = load_trust(tmp_path)
    assert [key.withdrawn for key in all_keys(store)] == [True]
    assert is_withdrawn(store, "uvci:XX:1")
    assert not is_withdrawn(store, "uvci:XX:2")
    assert not is_withdrawn(store, "")


@pytest.mark.parametrize(
    "change",
    [
        {"salt": "AAAA"},
        {"entries": [{}]},
        {"entries": 5},
        {"entries": [{"kid": "?"}]},
        {"form": ""},
        {"entries": [{"certificate": ["x"]}]},
    ],
)
def test_with_a_damaged_file_of_withdrawals_nothing_is_trusted(change: dict[str, object], tmp_path: Path) -> None:
    whole = json.loads(withdrawals.write(withdrawals.empty()))
    (tmp_path / withdrawals.FILE).write_text(json.dumps(whole | change))
    (tmp_path / "signer.der").write_bytes(make_signer().certificate)
    store = load_trust(tmp_path)
    assert ([problem.source for problem in store.problems], store.keys) == ([withdrawals.FILE], {})


def test_a_running_reader_notices_every_change_of_the_folder(tmp_path: Path) -> None:
    live = LiveTrust([tmp_path / "later"])
    assert not live.now().keys
    (tmp_path / "later").mkdir()
    path = tmp_path / "later" / "made.json"
    path.write_bytes(own.write("made", "", [full_key()]))
    first = live.now()
    assert (len(first.keys), live.now() is first) == (1, True)
    aside = tmp_path / "aside"
    aside.write_bytes(own.write("made", "", [full_key(kid=b"\0\xff KEY", withdrawn=False)]))
    os.utime(aside, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    aside.replace(path)
    assert set(live.now().keys) == {b"\0\xff KEY"}
    gone = withdrawals.with_key(withdrawals.empty(), b"\0\xff KEY", "lost", "")
    (tmp_path / "later" / withdrawals.FILE).write_bytes(withdrawals.write(gone))
    assert [key.withdrawn for key in all_keys(live.now())] == [True]
    path.unlink()
    assert not live.now().keys
