"""Sign-in with an emergency link: a code on paper that works once."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from statuspage.usecases.accounts import SignInFailure, SignInRefused
from statuspage.usecases.identity import emergency_links
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import arrival, sign_in

pages = Blueprint("emergency_links", __name__)


@pages.get("/sign-in/emergency")
def show_code_form() -> Response:
    """Shows the field for the code. The printed picture's address has it behind ``#``, which no browser sends, so that
    it is in no log; a script fills it in."""
    return _code_form("")


@pages.post("/sign-in/emergency")
def use_code() -> BaseResponse:
    """Uses the code up."""
    outcome = emergency_links.sign_in_by_code(
        request_context.env().databases.accounts,
        request.form.get("code", ""),
        address=request_context.network_address(),
        now=request_context.now(),
    )
    if isinstance(outcome, SignInRefused):
        sign_in.log_refusal("emergency link", outcome)
        is_wrong = outcome.reason is SignInFailure.INVALID_LINK
        translator = request_context.translator()
        text = translator.t("sign_in.emergency.invalid") if is_wrong else str(sign_in.refusal_text(outcome))
        return _code_form(request.form.get("code", ""), text, 403 if is_wrong else 429)
    return arrival.signed_in_response(outcome, "", "emergency_link")


def _code_form(code: str, refusal: str = "", status: int = 200) -> Response:
    return make_response(render_template("emergency_link.html", code=code[:100], refusal=refusal), status)
