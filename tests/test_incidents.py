"""Occurrences as an operator counts them, in whole logs as the libraries print them."""

from __future__ import annotations

from cli_runner import report_of

TOO_LOW = (
    "Error code: 400 - {'type': 'error', 'error': {'type': 'invalid_request_error', 'message': 'Your credit balance "
    "is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.'}}"
)
HANDLED = f"ERROR:app.chat:Error processing message: {TOO_LOW}"
UNHANDLED = f"""\
INFO:     10.0.0.7:50041 - "GET /chat HTTP/1.1" 500 Internal Server Error
ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "/srv/app/chat.py", line 12, in ask
    return await client.messages.create(**params)
anthropic.BadRequestError: {TOO_LOW}"""


def counted(rule: str, *lines: str) -> int:
    """The occurrences of a rule in a log."""
    report = report_of("-", stdin="\n".join((*lines, "")).encode())
    return sum(found["occurrences"] for found in report["findings"] if found["rule"] == rule)


class TestServedRequests:
    """The server reports an unhandled failure last, behind the access line of its 500."""

    def test_application_and_server_tell_one_failure(self) -> None:
        """The application logs and raises, the server logs the traceback again."""
        assert counted("anthropic-credit-balance", HANDLED, UNHANDLED) == 1

    def test_another_request_fails_right_behind_the_traceback(self) -> None:
        """Two requests at a time: the second one's failure does not belong to the traceback of the first."""
        answered = 'INFO:     10.0.0.8:50050 - "GET /ask HTTP/1.1" 502 Bad Gateway'
        assert counted("anthropic-credit-balance", UNHANDLED, HANDLED, answered) == 2

    def test_a_failure_answered_with_502_is_no_traceback_of_a_500(self) -> None:
        """The first request is handled and answered; the second one is not."""
        answered = 'INFO:     10.0.0.8:50050 - "GET /ask HTTP/1.1" 502 Bad Gateway'
        assert counted("anthropic-credit-balance", HANDLED, answered, UNHANDLED) == 2
