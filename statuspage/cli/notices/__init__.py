"""Commands that write notices."""

from statuspage.cli.notices.prefill import fact_flags, typed_over
from statuspage.cli.notices.publish import agree, load
from statuspage.cli.notices.receipts import deliver, state_of
from statuspage.cli.notices.say import texts_of

__all__ = ["agree", "deliver", "fact_flags", "load", "state_of", "texts_of", "typed_over"]
