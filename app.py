"""Start the web app: `python app.py`."""

from qa.cli import app

if __name__ == "__main__":
    app(["serve"])
