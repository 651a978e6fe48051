"""goalsql: marketing workflows as rules, compiled to SQL, evaluated over time in DuckDB."""

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
from goalsql.run.tick import TickResult

__all__ = [
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
    "TickResult",
    "UsageError",
    "WhatIf",
]
__version__ = "0.1.0"
