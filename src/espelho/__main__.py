"""``python -m espelho``: the command line."""

from espelho.cli.main import run

if __name__ == "__main__":
    run()
