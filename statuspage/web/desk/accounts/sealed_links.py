"""Sign-in with a sealed link: a code on paper that works once."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from statuspage.usecases.accounts import SignInFailure, SignInRefused
from statuspage.usecases.identity import sealed
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts import arrival, sign_in

pages = Blueprint("sealed_links", __name__)


@pages.get("/sign-in/sealed")
def show_code_form() -> Response:
    """Shows the field for the code; opening the printed address fills it in and uses nothing up."""
    return _code_form(request.args.get("code", ""))


@pages.post("/sign-in/sealed")
def use_code() -> BaseResponse:
    """Uses the code up."""
    outcome = sealed.sign_in_by_code(
        request_context.env().databases.accounts,
        request.form.get("code", ""),
        address=request_context.network_address(),
        now=request_context.now(),
    )
    if isinstance(outcome, SignInRefused):
        sign_in.log_refusal("sealed link", outcome)
        is_wrong = outcome.reason is SignInFailure.INVALID_LINK
        translator = request_context.translator()
        text = str(translator.t("sign_in.sealed.invalid")) if is_wrong else str(sign_in.refusal_text(outcome))
        return _code_form(request.form.get("code", ""), text, 403 if is_wrong else 429)
    return arrival.signed_in_response(outcome, "", "sealed_link")


def _code_form(code: str, refusal: str = "", status: int = 200) -> Response:
    return make_response(render_template("sealed_link.html", code=code[:100], refusal=refusal), status)
