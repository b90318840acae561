"""Renders emails about a subscription itself: a button to confirm, or the link to the subscriber's page. They contain
no text typed by staff or by the person who filled in the form: that is shown only on the page behind the button."""

from __future__ import annotations

from collections.abc import Mapping

from statuspage.domain import LanguagePack
from statuspage.rendering.site.email.notice_email import RenderedEmail, template_environment
from statuspage.rendering.site.templating import site_label, strip_forbidden
from statuspage.rendering.wording import text_direction


def render_subscription_email(
    pack: LanguagePack,
    purpose: str,
    *,
    link: str,
    valid_until: str,
    templates: Mapping[str, str],
    label_prefix: str = "",
) -> RenderedEmail:
    """Text and HTML of the email, with the same content.

    ``purpose`` is confirm, link or stopped; ``valid_until`` says when the link expires, "" if it does not.
    ``label_prefix`` is ``hook_`` for a webhook.
    """
    subject = site_label(pack, f"subscription_email.{label_prefix}{purpose}_subject", site=pack.site)
    lead = site_label(pack, f"subscription_email.{label_prefix}{purpose}_lead")
    button = site_label(pack, "subscription_email.confirm_do" if valid_until else "subscription_email.link_do")
    expiry_lines = [site_label(pack, "subscription_email.confirm_until", when=valid_until)] if valid_until else []
    rest = [*expiry_lines, *([site_label(pack, "subscription_email.ignore")] if purpose != "stopped" else [])]
    reason = site_label(pack, "subscription_email.why")
    body = "\n\n".join([lead, f"{button}\n{link}", *rest])
    html = (
        template_environment(templates)
        .get_template("subscription.html")
        .render(
            pack=pack,
            subject=subject,
            lead=lead,
            button_text=button,
            link=link,
            rest=rest,
            reason=reason,
            right_to_left=text_direction(pack.locale_rules) == "rtl",
        )
    )
    signature = "\n".join(("-- ", f"{pack.site} {pack.tagline}".strip(), reason))
    return RenderedEmail(strip_forbidden(subject), strip_forbidden(f"{body}\n\n{signature}\n"), strip_forbidden(html))
