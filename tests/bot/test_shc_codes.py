"""The codes that a SMART Health Card is spread over, and the lists of revoked cards."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bot.certificates import shc, shc_codes, shc_revocation
from bot.certificates.shc_codes import join_chunks
from bot.certificates.trust import TrustedKey, build_store
from tests.specimens.shc import ISSUED, ISSUER, KID, code, codes, credential, observation, patient, sign

AT = datetime(2026, 11, 24, tzinfo=UTC)
SIGNER, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
KEY = TrustedKey(KID.encode(), shc.SCHEME, "US", SIGNER.public_key(), issuer=ISSUER)
TOKEN = sign(SIGNER, credential())
GOOD = code(TOKEN)


def test_codes_that_belong_together_are_joined() -> None:
    parts = codes(TOKEN, 5)
    shuffled = [parts[3], "HC1:X", parts[0], parts[4], parts[1], parts[2], parts[0]]
    assert join_chunks(shuffled) == ["HC1:X", GOOD]
    assert join_chunks(["a", GOOD]) == ["a", GOOD]
    assert join_chunks([]) == []
    assert shc.check(parts[0], build_store([KEY]), AT).reason == "malformed"


def test_codes_that_do_not_make_a_card_are_named() -> None:
    parts, others = codes(TOKEN, 3), codes(sign(OTHER, credential(patient("Muster"), observation())), 3)
    for texts, told, words in (
        ([parts[0], parts[2]], shc_codes.MissingChunks, "2 of 3"),
        ([*parts[:2], others[1]], shc_codes.ConflictingChunks, "two codes 2 of 3"),
        ([*parts, others[0]], shc_codes.ConflictingChunks, "two codes 1 of 3"),
        ([parts[0], codes(TOKEN, 4)[1]], shc_codes.ConflictingChunks, "different cards"),
        ([*parts[:2], "shc:/4/3/" + "56" * 9], shc_codes.WrongText, "numbered"),
        ([*parts[:2], "shc:/3/3/5"], shc_codes.WrongText, "written"),
        ([*parts[:2], "shc:/3/3/" + "56" * 3000], shc_codes.TooLong, "longer"),
        ([f"shc:/{place}/99/56" for place in range(1, 60)], shc_codes.TooLong, "too many"),
    ):
        with pytest.raises(told, match=words):
            join_chunks(texts)


def test_revoked_cards_are_told_apart_by_identifier_and_time() -> None:
    statement = {**credential()["vc"], "rid": "abc_-1"}
    card = code(sign(SIGNER, credential(vc=statement)))
    before, after = int(ISSUED.timestamp()) - 5, int(ISSUED.timestamp()) + 5
    for listed, told in (
        ({"abc_-1"}, "revoked"),
        ({f"abc_-1.{after}"}, "revoked"),
        ({f"abc_-1.{before}"}, "ok"),
        ({"abc_-12", "abc_", f"abc_.{after}"}, "ok"),
        (set(), "ok"),
    ):
        assert shc.check(card, build_store([replace(KEY, revoked=frozenset(listed))]), AT).reason == told
    assert shc.check(GOOD, build_store([replace(KEY, revoked=frozenset({"abc_-1", ""}))]), AT).reason == "ok"


def test_a_revocation_list_is_read_strictly() -> None:
    def read(**changed: Any) -> frozenset[str]:
        listed = {"kid": "k", "method": "rid", "ctr": 2, "rids": ["abc", "def.1638311286"], **changed}
        return shc_revocation.read_list(json.dumps(listed).encode(), "k", 2)

    assert read() == {"abc", "def.1638311286"}
    assert read(rids=[]) == frozenset()
    for wrong in (
        {"kid": "other"},
        {"method": "bloom"},
        {"ctr": 3},
        {"rids": ["a="]},
        {"rids": ["a" * 25]},
        {"rids": ["abc", "abc.12"]},
        {"rids": [""]},
        {"rids": [7]},
        {"rids": ["abc.x"]},
    ):
        with pytest.raises(shc_revocation.RevocationError):
            read(**wrong)
