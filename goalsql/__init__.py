"""goalsql: marketing workflows as rules, compiled to SQL, evaluated over time in DuckDB."""

from goalsql.codes import Code
from goalsql.errors import (
    DefinitionError,
    EngineError,
    ForgetError,
    GoalsqlError,
    InternalError,
    LockedError,
    Place,
    Problem,
    PublishError,
    SourceError,
    UsageError,
)
from goalsql.project import Project
from goalsql.report.comparison import WhatIf
from goalsql.report.report import Report
from goalsql.run.forget import Forgetting
from goalsql.run.result import TickResult
from goalsql.status import Status
from goalsql.version import __version__

__all__ = [
    "Code",
    "DefinitionError",
    "EngineError",
    "ForgetError",
    "Forgetting",
    "GoalsqlError",
    "InternalError",
    "LockedError",
    "Place",
    "Problem",
    "Project",
    "PublishError",
    "Report",
    "SourceError",
    "Status",
    "TickResult",
    "UsageError",
    "WhatIf",
    "__version__",
]
