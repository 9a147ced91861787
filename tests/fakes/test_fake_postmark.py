"""The fake of Postmark does what its reference and support pages say."""

from __future__ import annotations

from fakes.plain import ask, send
from fakes.postmark import TEST_TOKEN, FakePostmark

AMINA, BEN, CARA = "amina@example.org", "ben@example.org", "cara@example.org"


def test_postmark_answers_each_in_its_place(postmark: FakePostmark) -> None:
    """Always a 200: who was taken, who is none (300), who has left (406)."""
    postmark.refuse(AMINA)
    postmark.leave(BEN, "bounced")
    said = send(postmark, [AMINA, BEN, CARA])
    assert (200, [300, 406, 0]) == (said.status, [one["ErrorCode"] for one in said.json()])
    assert f"Found inactive addresses: {BEN}. Inactive" in said.json()[1]["Message"]


def test_postmark_is_searched_by_metadata(postmark: FakePostmark) -> None:
    """Only in the stream that is named: without one in "outbound"."""
    send(postmark, [AMINA, BEN], Metadata={"batch": "k1"})
    target = "/messages/outbound?count=500&offset=0&metadata_batch=k1"
    assert 0 == ask(postmark, "GET", target).json()["TotalCount"]
    found = ask(postmark, "GET", f"{target}&messagestream=broadcast").json()
    assert (2, [[BEN], [AMINA]]) == (found["TotalCount"], [one["Recipients"] for one in found["Messages"]])
    assert 422 == ask(postmark, "GET", "/messages/outbound?count=501&offset=0").status


def test_postmark_bulk_escapes_in_html(postmark: FakePostmark) -> None:
    """Values are escaped in HTML alone, three braces leave them; who lacks one gets nothing in its place."""
    body = {
        "From": "n@example.org",
        "Subject": "{{Who}}",
        "HtmlBody": "{{Who}} {{{Who}}}{{None}}",
        "TextBody": "{{ Who }}",
    }
    people = [{"To": AMINA, "TemplateModel": {"Who": "A & B"}}, {"To": BEN}]
    said = ask(postmark, "POST", "/email/bulk", {**body, "MessageStream": "broadcast", "Messages": people})
    copy = postmark.copies[0]
    assert ("A & B", "A &amp; B A & B", "A & B") == (copy.subject, copy.html, copy.text)
    assert "Completed" == ask(postmark, "GET", f"/email/bulk/{said.json()['ID']}").json()["Status"]


def test_postmark_adds_its_own_link() -> None:
    """On a broadcast stream a link to leave is put in where none is asked for, and the header is Postmark's."""
    with FakePostmark() as fake:
        send(fake, [AMINA], Headers=[{"Name": "List-Unsubscribe", "Value": "<https://example.org>"}])
        (copy,) = fake.copies
        assert "Dear amina@example.org\nUnsubscribe: https://" in copy.text
        assert "example.net" in copy.headers["List-Unsubscribe"]


def test_postmark_refuses_whole_requests(postmark: FakePostmark) -> None:
    """What is no JSON, or not called so."""
    assert 402 == ask(postmark, "POST", "/email/batch", b"{").json()["ErrorCode"]
    assert 409 == ask(postmark, "POST", "/email/batch", b"[]", Content_Type="text/plain").json()["ErrorCode"]
    assert 409 == ask(postmark, "GET", "/server", Accept="*/*").json()["ErrorCode"]


def test_postmark_test_token(postmark: FakePostmark) -> None:
    """With it all is answered and nothing delivered."""
    message = {"From": "n@example.org", "To": AMINA, "TextBody": "x"}
    said = ask(postmark, "POST", "/email/batch", [message], X_Postmark_Server_Token=TEST_TOKEN)
    assert ([0], {}) == ([one["ErrorCode"] for one in said.json()], postmark.got)


def test_postmark_tells_who_left(postmark: FakePostmark) -> None:
    """All on one page, with the reason; counted beside the tag; a complaint cannot be taken back."""
    send(postmark, [AMINA, BEN])
    postmark.leave(AMINA, "complained")
    postmark.leave(BEN, "bounced")
    path = "/message-streams/broadcast/suppressions"
    told = ask(postmark, "GET", f"{path}/dump").json()["Suppressions"]
    assert {(AMINA, "SpamComplaint"), (BEN, "HardBounce")} == {
        (s["EmailAddress"], s["SuppressionReason"]) for s in told
    }
    figures = ask(postmark, "GET", "/stats/outbound?tag=2026-01&messagestream=broadcast").json()
    assert (2, 1, 1) == (figures["Sent"], figures["Bounced"], figures["SpamComplaints"])
    asked = {"Suppressions": [{"EmailAddress": AMINA}, {"EmailAddress": BEN}]}
    done = ask(postmark, "POST", f"{path}/delete", asked).json()["Suppressions"]
    assert ["Failed", "Deleted"] == [one["Status"] for one in done]
