"""`python -m goalsql` is `goalsql`."""

from goalsql.cli import main

if __name__ == "__main__":
    main()
