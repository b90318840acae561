"""An environment whose action items become issues at a server on loopback."""

from __future__ import annotations

from dataclasses import replace

from statuspage.domain import IssueRepository
from statuspage.integrations.channels import Timeouts
from statuspage.integrations.issues import GitHubIssues
from statuspage.usecases.environment.model import Environment
from tests.support.fakes.github_server import REPOSITORY, TOKEN, Server

HURRIED = Timeouts(connect=1.0, read=0.5, total=1.0)


def with_tracker(env: Environment, server: Server) -> Environment:
    """The environment with this server as its tracker."""
    site = replace(env.site.catalog.site, issues=IssueRepository(REPOSITORY, ("incident",)))
    rendering = replace(env.site, catalog=replace(env.site.catalog, site=site))
    senders = replace(env.senders, issues=GitHubIssues(TOKEN, server.address, HURRIED))
    return replace(env, content=replace(env.content, site=rendering, senders=senders))
