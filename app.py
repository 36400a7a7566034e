"""Start the web app: `python app.py`, with the options of `qa serve`."""

import sys

from qa.cli import main

if __name__ == "__main__":
    main(["serve", *sys.argv[1:]])
