"""Drills: the list, and the scorecard of one that has ended."""

from __future__ import annotations

from statuspage.storage.drills import Drill
from statuspage.usecases import drills
from statuspage.usecases.drills import scorecard
from statuspage.web.api import paging
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.outputs import DrillList, DrillOut, ScorecardOut
from statuspage.web.api.paging import Page
from statuspage.web.api.problems import Problem

DRILL = ("drill",)


def list_drills(call: Call) -> Answer:
    """All drills that have begun, the newest first."""
    begun = drills.all_drills(call.env.databases.environment)
    shown, following = paging.page_of(begun, lambda drill: drill.id, call.query_as(Page))
    return Answer(DrillList(items=[_drill_out(drill, call) for drill in shown], next=following))


def show_scorecard(call: Call) -> Answer:
    """The scorecard; not while the drill runs, since it says what is still to come."""
    begun = drills.all_drills(call.env.databases.environment)
    drill = next((each for each in begun if each.id == call.path["drill"] and each.ended), None)
    if drill is None:
        raise Problem("not-found", "There is no drill with this id that has ended.")
    score = scorecard.build_scorecard(call.env, drill.id, now=call.now)
    return Answer(ScorecardOut(drill=_drill_out(drill, call), scorecard=drills.scorecard_json(score)))


def _drill_out(drill: Drill, call: Call) -> DrillOut:
    """A drill; its scenario, which says what is still to come, only its leader sees before it has ended."""
    may_see = drill.ended is not None or call.token.owner.name == drill.leader
    return DrillOut(
        id=drill.id,
        title=drill.title,
        leader=drill.leader,
        goal_seconds=drill.goal.total_seconds(),
        started_at=drill.started,
        ended_at=drill.ended,
        scenario=drill.scenario if drill.scenario and may_see else None,
        is_suspended=drill.is_suspended,
        is_tabletop=drill.is_tabletop,
    )


DRILL_OPERATIONS = (
    Operation(
        "listDrills", "GET", "/drills", "drills", "List drills", DrillList, list_drills, query=Page, environments=DRILL,
        description="Those that have begun, the newest first. The scenario of one that runs is told its leader only.",
    ),
    Operation(
        "getScorecard", "GET", "/drills/{drill}/scorecard", "drills", "Get the scorecard of a drill", ScorecardOut,
        show_scorecard, problems=(404,), environments=DRILL, description="Of a drill that has ended.",
    ),
)  # fmt: skip
