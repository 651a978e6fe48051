"""A SparkSession that holds nothing, for what is decided before Spark is asked anything."""

from __future__ import annotations


class FakeSession:
    """Of a version; every path that is read is not there."""

    def __init__(self, version: str = "4.1.3") -> None:
        self.version = version

    @property
    def conf(self) -> FakeSession:
        return self

    def set(self, name: str, value: str) -> None:
        """Takes any setting."""

    @property
    def read(self) -> FakeSession:
        return self

    def schema(self, text: str) -> FakeSession:
        return self

    def option(self, name: str, value: str) -> FakeSession:
        return self

    def parquet(self, *paths: str) -> None:
        raise RuntimeError("[PATH_NOT_FOUND]")
