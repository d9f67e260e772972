# ruff: noqa
# fmt: off
"""What only the server sets cannot be set."""

from datetime import datetime

from ftrack_models import AssetVersion, Event, Job, Milestone, Shot, Task, User

now = datetime.now()


def of_every_type(task: Task, event: Event, job: Job, version: AssetVersion) -> None:
    task.id = "bad911de"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.time_logged = 3.0  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.created_at = now  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.created_at = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.link = []  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.thumbnail_url = {}  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.created_by_id = "bad911de"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.object_type_id = "11c137c0"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    event.id = 3  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    job.type = "api_job"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    version.is_latest_version = True  # E: mypy[assignment] pyright[reportAttributeAccessIssue]


def refined_by_a_subtype(shot: Shot, milestone: Milestone, user: User) -> None:
    shot.bid = 3.0  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    shot.start_date = now  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    shot.type_id = "bad911de"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    milestone.start_date = now  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    user.resource_type = "user"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]


def what_the_library_says(task: Task) -> None:
    task.entity_type = "Shot"  # E: mypy[misc] pyright[reportAttributeAccessIssue]
    task.reference = None  # E: mypy[assignment, misc] pyright[reportAttributeAccessIssue]
    task.entity_state = "deleted"  # E: mypy[assignment, misc] pyright[reportAttributeAccessIssue]
