"""The fake of SES does what its model and the developer guide say."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fakes.plain import ask, send
from fakes.wire import Seen

if TYPE_CHECKING:
    from fakes.ses import FakeSes

AMINA, BEN, CARA = "amina@example.org", "ben@example.org", "cara@example.org"
# Of GET http://127.0.0.1:4001/v2/email/suppression/addresses?PageSize=10 with the fake's keys, made by botocore 1.43.
SIGNATURE = "7f5eac9e42f3502b7cb884baecd29ee1dc83ee3a0a1cb62aa543053bf2126cf7"


def test_ses_checks_the_signature(ses: FakeSes) -> None:
    """A signature that botocore made is good; over another body it is not."""
    names = "host;x-amz-date"
    head = {"host": "127.0.0.1:4001", "x-amz-date": "20260105T090000Z"}
    seen = Seen("GET", "/v2/email/suppression/addresses", {"PageSize": ["10"]}, head, b"")
    assert SIGNATURE == ses.signature(seen, "20260105/eu-west-2/ses/aws4_request", names)
    scope = "20260105/eu-west-2/ses/aws4_request"
    other = f"AWS4-HMAC-SHA256 Credential={ses.key}/{scope}, SignedHeaders={names}, Signature={SIGNATURE}"
    said = ask(ses, "GET", "/v2/email/account", Authorization=other, X_Amz_Date="20260105T090000Z")
    assert (403, "SignatureDoesNotMatch") == (said.status, said.headers["x-amzn-errortype"])


def test_ses_answers_each_in_its_place(ses: FakeSes) -> None:
    """A 200 with a status for each entry; the day's quota is counted in people."""
    ses.refuse(AMINA)
    ses.statuses[BEN] = "TRANSIENT_FAILURE"
    ses.quota = 1
    told = send(ses, [AMINA, BEN, CARA, "dan@example.org"]).json()["BulkEmailEntryResults"]
    expected = ["INVALID_PARAMETER", "TRANSIENT_FAILURE", "SUCCESS", "ACCOUNT_DAILY_QUOTA_EXCEEDED"]
    assert (expected, {CARA: 1}) == ([one["Status"] for one in told], ses.got)
    ses.ahead = timedelta(hours=25)
    assert "SUCCESS" == send(ses, [AMINA, CARA]).json()["BulkEmailEntryResults"][1]["Status"]


def test_ses_drops_what_it_cannot_render(ses: FakeSes) -> None:
    """A value that is missing is told to nobody: the entry is a success, and no copy comes."""
    content = {"Subject": "January", "Text": "Dear {{who}} {{more}}"}
    said = send(ses, [AMINA], DefaultContent={"Template": {"TemplateContent": content}})
    assert ("SUCCESS", {}, [AMINA]) == (said.json()["BulkEmailEntryResults"][0]["Status"], ses.got, ses.unrendered)


def test_ses_escapes_nothing_and_takes_headers(ses: FakeSes) -> None:
    """Values stand as they are given, an entry's over the default; its headers join those of all."""
    template = {
        "TemplateContent": {"Subject": "{{s}}", "Html": "{{s}}"},
        "TemplateData": json.dumps({"s": "A & <B>", "who": ""}),
        "Headers": [{"Name": "List-Id", "Value": "<p.example.org>"}],
    }
    send(ses, [AMINA], DefaultContent={"Template": template})
    (copy,) = ses.copies
    assert ("A & <B>", "A & <B>", "<p.example.org>") == (copy.subject, copy.html, copy.headers["List-Id"])


@pytest.mark.parametrize(
    "more",
    [
        {"FromEmailAddress": "nobody"},
        {"Unheard": 1},
        {"DefaultEmailTags": [{"Name": "issue", "Value": "January 2026"}]},
        {"DefaultContent": {"Template": {"TemplateContent": {"Text": "{{#if x}}"}}}},
        {"DefaultContent": {"Template": {"TemplateContent": {"Text": "x" * 1_048_576}}}},
        {"DefaultContent": {"Template": {"TemplateContent": {"Text": "x"}, "TemplateData": '"' + "x" * 262_144 + '"'}}},
        {
            "DefaultContent": {
                "Template": {"TemplateContent": {"Text": "x"}, "Headers": [{"Name": "A", "Value": "b"}] * 16}
            }
        },
    ],
)
def test_ses_refuses(ses: FakeSes, more: dict[str, Any]) -> None:
    """A call that is wrong in itself."""
    said = send(ses, [AMINA], **more)
    assert (400, "BadRequestException", {}) == (said.status, said.headers["x-amzn-errortype"], ses.got)


def test_ses_lists_who_left(ses: FakeSes) -> None:
    """Bounces and complaints only, page by page by a token; addresses can be added and taken off."""
    ses.leave(AMINA, "bounced")
    added = {"EmailAddress": BEN, "Reason": "COMPLAINT"}
    assert 200 == ask(ses, "PUT", "/v2/email/suppression/addresses", added).status
    assert 400 == ask(ses, "PUT", "/v2/email/suppression/addresses", {**added, "Reason": "UNSUBSCRIBE"}).status
    page = ask(ses, "GET", "/v2/email/suppression/addresses?PageSize=1").json()
    rest = ask(ses, "GET", f"/v2/email/suppression/addresses?PageSize=1&NextToken={page['NextToken']}").json()
    told = page["SuppressedDestinationSummaries"] + rest["SuppressedDestinationSummaries"]
    assert [(AMINA, "BOUNCE"), (BEN, "COMPLAINT")] == [(one["EmailAddress"], one["Reason"]) for one in told]
    assert "NextToken" not in rest
    assert [200, 404] == [ask(ses, "DELETE", f"/v2/email/suppression/addresses/{BEN}").status for _ in range(2)]
