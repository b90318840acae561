"""The first run in the browser: four steps to a page of one's own, or a look at the demo company."""

from statuspage.web.welcome.app import Begun, FirstRun, create_app

__all__ = ["Begun", "FirstRun", "create_app"]
